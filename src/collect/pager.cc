#include "collect/pager.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <utility>

#include <boost/json.hpp>

#include "net/url.h"

namespace stargaze::collect {
namespace {

namespace json = boost::json;
using model::PaginationKind;
using model::Request;

// What a query of one subject takes of the source's CPU time; it does not say.
constexpr std::chrono::milliseconds kCpuOfQuery{50};

Result<std::string> QueryBody(const Request& request,
                              const Variables& variables,
                              const std::optional<std::string>& cursor) {
  json::object values;
  for (const auto& [name, pattern] : request.graphql->variables) {
    SG_TRY(const std::string value, Expand(pattern, variables));
    values[name] = value;
  }
  if (request.paginate.kind == PaginationKind::kPageInfo) {
    if (cursor) {
      values[request.paginate.parameter] = *cursor;
    } else {
      values[request.paginate.parameter] = nullptr;
    }
  }
  return json::serialize(
      json::object{{"query", request.graphql->text}, {"variables", std::move(values)}});
}

// The URL with another value of one of its query parameters, which stays where it stands.
Result<std::string> WithParameter(const std::string& url,
                                  const std::string& name,
                                  const std::string& value) {
  SG_TRY(net::UrlParts parts, net::ParseUrl(url));
  const auto found =
      std::ranges::find(parts.query, name, [](const auto& one) { return one.first; });
  if (found != parts.query.end()) {
    found->second = value;
  } else {
    parts.query.emplace_back(name, value);
  }
  return net::BuildUrl(parts.origin, parts.path, parts.query);
}

// Of a URL without the parameter: 1, what every source takes for the first.
Result<int64_t> PageNumberOf(const std::string& url, const std::string& name) {
  SG_TRY(const net::UrlParts parts, net::ParseUrl(url));
  const auto found =
      std::ranges::find(parts.query, name, [](const auto& one) { return one.first; });
  if (found == parts.query.end()) return 1;
  const std::string& text = found->second;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  constexpr int64_t kNumberMax = 1'000'000'000;
  const bool good = error == std::errc() && end == text.data() + text.size() && number >= 0 &&
                    number < kNumberMax;
  if (good) return number;
  return Error(ErrorKind::kInvalidInput,
               fmt::format("'{}' of a request paged by number is none: '{}'", name, text));
}

}  // namespace

Result<PageAsk> FirstAsk(const Request& request, std::string url, const Variables& variables) {
  PageAsk ask{.url = std::move(url)};
  if (!request.graphql) return ask;
  SG_TRY(ask.body, QueryBody(request, variables, std::nullopt));
  ask.cpu = kCpuOfQuery;
  return ask;
}

Status Pager::Enter(const PageAsk& ask) {
  if (number_ == request_.paginate.max_pages)
    return Error(ErrorKind::kUnsupported,
                 fmt::format("a walk has more than {} pages: {}", number_, request_.name));
  if (!entered_.insert(ask.url + "\n" + ask.body).second)
    return Error(ErrorKind::kCorrupt,
                 fmt::format("page {} of {} leads back to one before it", number_, request_.name));
  ++number_;
  return Ok();
}

Result<std::optional<PageAsk>> Pager::Next(const PageAsk& asked, const Page& page) const {
  const model::Pagination& paginate = request_.paginate;
  PageAsk next{.url = asked.url, .body = asked.body, .cpu = asked.cpu};
  switch (paginate.kind) {
    case PaginationKind::kNone:
      return std::optional<PageAsk>();
    case PaginationKind::kLink: {
      const auto link = page.response.headers.Find("link");
      const auto url = link ? net::NextLink(*link) : std::nullopt;
      if (!url) return std::optional<PageAsk>();
      next.url = *url;
      break;
    }
    case PaginationKind::kPage: {
      if (page.facts.records == 0 || page.facts.records < paginate.page_size)
        return std::optional<PageAsk>();
      SG_TRY(const int64_t number, PageNumberOf(asked.url, paginate.parameter));
      SG_TRY(next.url, WithParameter(asked.url, paginate.parameter, std::to_string(number + 1)));
      break;
    }
    // A cursor is a value of a parameter whatever it looks like: it cannot lead elsewhere.
    case PaginationKind::kCursor: {
      if (!page.facts.next) return std::optional<PageAsk>();
      SG_TRY(next.url, WithParameter(asked.url, paginate.parameter, *page.facts.next));
      break;
    }
    case PaginationKind::kPageInfo: {
      if (!page.facts.next) return std::optional<PageAsk>();
      SG_TRY(next.body, QueryBody(request_, variables_, page.facts.next));
      break;
    }
  }
  return std::optional<PageAsk>(std::move(next));
}

}  // namespace stargaze::collect
