#include "serve/routes.h"

namespace stargaze::serve {
namespace {

std::vector<Parameter> WidgetParameters() {
  return {{"repo", "string", "The repository's full name.", "owner/name"},
          {"metric", "stars|forks", "What is drawn."},
          {"days", "28|90|365", "Length of the curve."},
          {"theme", "auto|light|dark", "Colours; auto follows the reader's system."},
          {"hl", "en|ko", "Language of the picture's text."}};
}

}  // namespace

void AddShareRoutes(Router& router, Widgets& widgets, Feeds& feeds) {
  const auto add = [&](Route route, auto handler) {
    route.method = "GET";
    route.tag = "Widgets and feeds";
    route.tagged = Tagged::kByPublication;
    router.Add(std::move(route), std::move(handler));
  };
  add({.pattern = "/w/{kind}.svg",
       .summary = "A picture for other pages. What cannot be drawn is a picture that says why.",
       .path = {{"kind", "badge|spark|stars", "Which picture.", "badge"}},
       .query = WidgetParameters(),
       .media = "image/svg+xml"},
      [&widgets](const net::ServerRequest& r, const PathParameters& p) {
        return widgets.Draw(r, p.at("kind"));
      });
  add({.pattern = "/feeds/trends.atom",
       .summary = "The first 25 risers of a view as Atom.",
       .query = TrendsParameters(),
       .media = "application/atom+xml"},
      [&feeds](const net::ServerRequest& r, const PathParameters&) { return feeds.Atom(r); });
  add({.pattern = "/feeds/trends.json",
       .summary = "The first 25 risers of a view as JSON Feed 1.1.",
       .query = TrendsParameters(),
       .media = "application/feed+json"},
      [&feeds](const net::ServerRequest& r, const PathParameters&) { return feeds.Json(r); });
}

}  // namespace stargaze::serve
