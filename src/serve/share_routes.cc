#include "serve/routes.h"

namespace stargaze::serve {
namespace {

constexpr const char* kSchemas = R"(
FeedItem
  id string
  url string
  title string
  content_text string
  date_published instant

JsonFeed: JSON Feed 1.1
  version string
  title string
  home_page_url string
  feed_url string
  items [FeedItem]
)";

std::vector<Parameter> WidgetParameters() {
  return {{"repo", "string", "The repository's full name.", "owner/name"},
          {"metric", "stars|forks", "What is drawn."},
          {"days", "28|90|365", "Length of the curve."},
          {"theme", "auto|light|dark", "Colours; auto follows the reader's system."},
          {"hl", "en|ko", "Language of the picture's text."}};
}

}  // namespace

void AddShareRoutes(Router& router, Widgets& widgets, Feeds& feeds) {
  router.AddSchemas(kSchemas);
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
       .answer = "JsonFeed",
       .media = "application/feed+json"},
      [&feeds](const net::ServerRequest& r, const PathParameters&) { return feeds.Json(r); });
}

}  // namespace stargaze::serve
