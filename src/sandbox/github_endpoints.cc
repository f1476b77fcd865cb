#include "sandbox/github_endpoints.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include "base/digest.h"
#include "sandbox/ascii.h"
#include "sandbox/github_responses.h"
#include "sandbox/json_text.h"
#include "sandbox/repository_json.h"
#include "sandbox/search.h"

namespace stargaze::sandbox {
namespace {

int64_t NumberOr(const std::optional<std::string>& text, int64_t otherwise) {
  int64_t number = 0;
  if (!text) return otherwise;
  const auto [end, code] = std::from_chars(text->data(), text->data() + text->size(), number);
  const bool valid = code == std::errc{} && end == text->data() + text->size() && number >= 1;
  return valid ? number : otherwise;
}

SearchOrder OrderOf(const net::ServerRequest& request) {
  const std::string sort = request.Param("sort").value_or("");
  SearchOrder order{.ascending = request.Param("order").value_or("") == "asc"};
  if (sort == "forks") order.sort = SearchSort::kForks;
  if (sort == "updated") order.sort = SearchSort::kUpdated;
  return order;
}

Answer NotFound() {
  return {.response = NotFoundResponse()};
}

Answer SourceDown(const Error& error) {
  return {.response =
              ErrorResponse(503, fmt::format("Service unavailable: {}", error.message()), "")};
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

Answer Detail(const Call& call, const Repository& repository) {
  Answer answer{
      .response = {.status = 200}, .items = {0}, .repository_ids = {repository.profile->id}};
  RepositoryWriter(call.base_url).AppendDetail(answer.response.body, repository);
  const std::string etag = fmt::format("W/\"{}\"", Sha256Hex(answer.response.body + call.caller));
  if (call.request.headers.Find("if-none-match") == etag) {
    answer = {.response = {.status = 304}};
  } else {
    answer.response.headers.Add("content-type", "application/json; charset=utf-8");
  }
  answer.response.headers.Add("etag", etag);
  answer.response.headers.Add("cache-control", "public, max-age=60, s-maxage=60");
  return answer;
}

Answer ByName(World& world, const Call& call, std::string_view full_name) {
  if (std::ranges::count(full_name, '/') != 1) return NotFound();
  const Result<std::shared_ptr<const Snapshot>> snapshot = world.At(call.now);
  if (!snapshot.ok()) return SourceDown(snapshot.error());
  const std::optional<int64_t> holder = world.HolderOf(full_name, call.now);
  const Repository* repository = holder ? snapshot.value()->Find(*holder) : nullptr;
  if (repository == nullptr) return NotFound();
  if (EqualsAnyCase(repository->name->full_name, full_name)) return Detail(call, *repository);
  const std::string location = fmt::format("{}{}{}", call.base_url, kByIdPath, *holder);
  Answer answer{.response = {.status = 301}};
  answer.response.headers.Add("content-type", "application/json; charset=utf-8");
  answer.response.headers.Add("location", location);
  answer.response.body = fmt::format(
      R"({{"message":"Moved Permanently","url":"{}",)"
      R"("documentation_url":"https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"}})",
      location);
  return answer;
}

Answer ById(World& world, const Call& call, std::string_view digits) {
  const Result<std::shared_ptr<const Snapshot>> snapshot = world.At(call.now);
  if (!snapshot.ok()) return SourceDown(snapshot.error());
  const Repository* repository = snapshot.value()->Find(NumberOr(std::string(digits), -1));
  return repository != nullptr ? Detail(call, *repository) : NotFound();
}

}  // namespace

Answer AnswerFrom(World& world, const Call& call) {
  const std::string_view path = call.request.path;
  if (path == kSearchPath) return SearchRepositories(world, call);
  if (path.starts_with(kByNamePath)) return ByName(world, call, path.substr(kByNamePath.size()));
  return ById(world, call, path.substr(kByIdPath.size()));
}

}  // namespace stargaze::sandbox
