#include "sandbox/github_endpoints.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/digest.h"
#include "sandbox/github_responses.h"
#include "sandbox/json_text.h"
#include "sandbox/repository_endpoints.h"
#include "sandbox/repository_json.h"
#include "sandbox/search.h"

namespace stargaze::sandbox {
namespace {

SearchOrder OrderOf(const net::ServerRequest& request) {
  const std::string sort = request.Param("sort").value_or("");
  SearchOrder order{.ascending = request.Param("order").value_or("") == "asc"};
  if (sort == "forks") order.sort = SearchSort::kForks;
  if (sort == "updated") order.sort = SearchSort::kUpdated;
  return order;
}

Answer RenderPage(const Call& call,
                  const Snapshot& snapshot,
                  const SearchQuery& query,
                  int64_t page,
                  int64_t per_page) {
  constexpr std::size_t kItemBytes = 6'000;
  SearchPage found =
      Search(snapshot, query, OrderOf(call.request), (page - 1) * per_page, per_page);
  if (call.incomplete) found.repositories.resize(found.repositories.size() / 2);
  Answer answer{.response = {.status = 200}};
  std::string& body = answer.response.body;
  body.reserve((found.repositories.size() + 1) * kItemBytes);
  body += "{\"total_count\":";
  AppendNumber(body, found.total);
  body += call.incomplete ? ",\"incomplete_results\":true,\"items\":["
                          : ",\"incomplete_results\":false,\"items\":[";
  const RepositoryWriter writer(call.base_url);
  for (const Repository* repository : found.repositories) {
    if (!answer.items.empty()) body += ',';
    answer.items.push_back(body.size());
    answer.repository_ids.push_back(repository->profile->id);
    writer.AppendSearchItem(body, *repository);
  }
  body += "]}";
  net::Headers& headers = answer.response.headers;
  headers.Add("content-type", "application/json; charset=utf-8");
  headers.Add("cache-control", "no-cache");
  const int64_t last =
      std::max<int64_t>(1, (std::min(found.total, kSearchResultsMax) + per_page - 1) / per_page);
  const std::string link = LinkHeader({.base_url = call.base_url,
                                       .path = std::string(kSearchPath),
                                       .query = call.request.query,
                                       .page = page,
                                       .last = last});
  if (!link.empty()) headers.Add("link", link);
  const std::string version =
      fmt::format("{}|{}|{}", FormatInstant(snapshot.since), call.caller, call.request.target);
  headers.Add("etag", fmt::format("W/\"{}\"", Sha256Hex(version)));
  return answer;
}

Answer SearchRepositories(World& world, const Call& call) {
  constexpr int64_t kPerPageDefault = 30;
  constexpr int64_t kPerPageMax = 100;
  constexpr int64_t kPageMax = 1'000'000;  // Far beyond the cap; keeps products small.
  const std::optional<std::string> text = call.request.Param("q");
  if (!text || text->empty()) return {.response = ValidationFailed("missing", "")};
  const Result<SearchQuery> query = ParseSearchQuery(*text);
  if (!query.ok()) return {.response = ValidationFailed("invalid", query.error().message())};
  const int64_t per_page =
      std::min(NumberOr(call.request.Param("per_page"), kPerPageDefault), kPerPageMax);
  const int64_t page = std::min(NumberOr(call.request.Param("page"), 1), kPageMax);
  if ((page - 1) * per_page >= kSearchResultsMax) {
    return {.response = ErrorResponse(
                422, "Only the first 1000 search results are available", "/search/search")};
  }
  const Result<std::shared_ptr<const Snapshot>> snapshot = world.At(call.now);
  if (!snapshot.ok()) return SourceDown(snapshot.error());
  return RenderPage(call, *snapshot.value(), query.value(), page, per_page);
}

}  // namespace

int64_t NumberOr(const std::optional<std::string>& text, int64_t otherwise) {
  int64_t number = 0;
  if (!text) return otherwise;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool valid = code == std::errc{} && end == text->data() + text->size() && number >= 1;
  return valid ? number : otherwise;
}

Answer SourceDown(const Error& error) {
  return {.response =
              ErrorResponse(503, fmt::format("Service unavailable: {}", error.message()), "")};
}

Answer AnswerFrom(World& world, const Call& call) {
  return call.request.path == kSearchPath ? SearchRepositories(world, call)
                                          : AnswerAboutRepository(world, call);
}

}  // namespace stargaze::sandbox
