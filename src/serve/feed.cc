#include "serve/feed.h"

#include <fmt/core.h>

#include <string>
#include <vector>

#include <boost/json.hpp>

#include "serve/problem.h"
#include "serve/trends_query.h"
#include "serve/xml_text.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;
using storage::SqlRows;

constexpr int64_t kEntries = 25;

struct Entry {
  std::string id{};
  std::string title{};
  std::string text{};
  std::string url{};
};

struct Feed {
  std::string title{};
  std::string home{};
  std::string self{};
  std::string id{};
  std::string updated{};
  std::vector<Entry> entries{};
};

// The address that the reader used; the guard has already refused foreign host names.
std::string Origin(const net::ServerRequest& request) {
  return (request.tls ? "https://" : "http://") +
         std::string(request.headers.Find("host").value_or("localhost"));
}

std::string QueryOf(const net::ServerRequest& request) {
  const std::size_t mark = request.target.find('?');
  return mark == std::string::npos ? "" : request.target.substr(mark);
}

double NumberOf(const storage::SqlValue& value) {
  const auto* number = std::get_if<double>(&value);
  return number == nullptr ? 0 : *number;
}

Entry EntryOf(
    const SqlRows& risers, std::size_t row, const TrendsState& state, const Feed& feed, Day day) {
  const std::string& name = risers.Text(row, 2);
  return {.id = fmt::format("tag:stargaze,{}:{}:{}d:{}",
                            FormatDay(day),
                            state.metric,
                            state.window_days,
                            risers.Integer(row, 1)),
          .title = fmt::format("{}. {}: {:.1f} {} a day",
                               risers.Integer(row, 0),
                               name,
                               NumberOf(risers.rows[row][3]),
                               state.metric),
          .text = fmt::format("{} has {} {} on {} (UTC), {}{} in {} days.",
                              name,
                              risers.Integer(row, 8),
                              state.metric,
                              FormatDay(day),
                              risers.Integer(row, 4) > 0 ? "+" : "",
                              risers.Integer(row, 4),
                              state.window_days),
          .url = feed.home};
}

Result<Feed> FeedOf(warehouse::PublishedReader& published, const net::ServerRequest& request) {
  const TrendsState state = ParseTrendsState(request.query);
  SG_TRY(warehouse::PublishedLease lease, published.Acquire(request.stop));
  SG_TRY(warehouse::TrendSource trend, lease.Trend(state.asof, state.window_days));
  TrendsQuery query(lease, std::move(trend), state);
  SG_TRY(const SqlRows risers, query.Ask(query.Risers(kEntries)));
  const std::string parameters = QueryOf(request);
  Feed feed{.title = fmt::format("Stargaze: risers by {}, {} days{}",
                                 state.metric,
                                 state.window_days,
                                 lease.publication().sandbox ? " (sandbox data)" : ""),
            .home = Origin(request) + "/" + parameters,
            .self = Origin(request) + request.target,
            .id = "tag:stargaze,2026:trends" + parameters,
            .updated = FormatInstantSeconds(lease.publication().published_at)};
  for (std::size_t row = 0; row < risers.size(); ++row) {
    if (std::holds_alternative<std::monostate>(risers.rows[row][3])) continue;
    feed.entries.push_back(EntryOf(risers, row, state, feed, query.day()));
  }
  return feed;
}

}  // namespace

Result<net::HttpResponse> Feeds::Atom(const net::ServerRequest& request) {
  SG_TRY(const Feed feed, FeedOf(published_, request));
  std::string xml = fmt::format(
      "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<feed xmlns=\"http://www.w3.org/2005/Atom\">\n"
      "<title>{}</title>\n<id>{}</id>\n<updated>{}</updated>\n<author><name>Stargaze</name></"
      "author>\n"
      "<link href=\"{}\"/>\n<link rel=\"self\" type=\"application/atom+xml\" href=\"{}\"/>\n",
      EscapeXml(feed.title),
      EscapeXml(feed.id),
      feed.updated,
      EscapeXml(feed.home),
      EscapeXml(feed.self));
  for (const Entry& entry : feed.entries) {
    xml += fmt::format(
        "<entry><id>{}</id><title>{}</title><updated>{}</updated><link href=\"{}\"/>"
        "<content type=\"text\">{}</content></entry>\n",
        EscapeXml(entry.id),
        EscapeXml(entry.title),
        feed.updated,
        EscapeXml(entry.url),
        EscapeXml(entry.text));
  }
  return TextResponse(xml + "</feed>\n", "application/atom+xml; charset=utf-8");
}

Result<net::HttpResponse> Feeds::Json(const net::ServerRequest& request) {
  SG_TRY(const Feed feed, FeedOf(published_, request));
  json::array items;
  for (const Entry& entry : feed.entries) {
    items.push_back({{"id", entry.id},
                     {"url", entry.url},
                     {"title", entry.title},
                     {"content_text", entry.text},
                     {"date_published", feed.updated}});
  }
  return TextResponse(json::serialize(json::object{{"version", "https://jsonfeed.org/version/1.1"},
                                                   {"title", feed.title},
                                                   {"home_page_url", feed.home},
                                                   {"feed_url", feed.self},
                                                   {"items", items}}),
                      "application/feed+json; charset=utf-8");
}

}  // namespace stargaze::serve
