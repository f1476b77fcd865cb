#include "sandbox/repository_endpoints.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>

#include "sandbox/ascii.h"
#include "sandbox/content_tag.h"
#include "sandbox/github_responses.h"
#include "sandbox/json_text.h"
#include "sandbox/release_json.h"
#include "sandbox/repository_json.h"
#include "sandbox/star_history_json.h"

namespace stargaze::sandbox {
namespace {

constexpr std::string_view kHistory = "/stargazers/history";
constexpr std::string_view kReleases = "/releases";
constexpr int64_t kPageMax = 1'000'000;  // Far beyond any last one; keeps products small.

// What a request is about: the repository's part of the path, and what is asked of it.
struct Target {
  bool by_id = false;
  std::string_view repository{};  // "100000011" or "owner/name"
  std::string_view suffix{};      // "", "/releases", …
};

Target TargetOf(std::string_view path) {
  Target target{.by_id = path.starts_with(kByIdPath)};
  path.remove_prefix(target.by_id ? kByIdPath.size() : kByNamePath.size());
  std::size_t end = path.find('/');
  if (!target.by_id && end != std::string_view::npos) end = path.find('/', end + 1);
  target.repository = path.substr(0, end);
  if (end != std::string_view::npos) target.suffix = path.substr(end);
  return target;
}

Answer NotFound() {
  return {.response = NotFoundResponse()};
}

Answer NotPublic(RepositoryState state) {
  constexpr std::string_view kPage = "/repos/repos#get-a-repository";
  switch (state) {
    case RepositoryState::kPrivate:
      return {.response = ErrorResponse(403, "Must have access to repository", kPage)};
    case RepositoryState::kTakenDown:
      return {.response = TakenDownResponse()};
    case RepositoryState::kGone:
      return {.response = ErrorResponse(410, "This repository is gone", kPage)};
    default:
      return NotFound();
  }
}

// A tag for the content as this caller sees it in this form. Then the body is made only if the
// caller does not have it.
template <typename Render>
Answer Conditional(const Call& call, ContentTag& tag, const Render& render) {
  tag.Add(call.caller);
  tag.Add(call.request.headers.Find("accept").value_or(""));
  tag.Add(call.base_url);
  tag.Add(call.request.target);
  const std::string text = tag.Text();
  Answer answer;
  if (Matches(call.request.headers.Find("if-none-match").value_or(""), text)) {
    answer.response.status = 304;
  } else {
    answer.response.status = 200;
    answer.response.headers.Add("content-type", "application/json; charset=utf-8");
    render(answer);
  }
  answer.response.headers.Add("etag", text);
  answer.response.headers.Add(
      "cache-control",
      call.caller.empty() ? "public, max-age=60, s-maxage=60" : "private, max-age=60, s-maxage=60");
  return answer;
}

// GitHub's links name repositories by id, whatever the request did.
void AddLink(const Call& call,
             int64_t id,
             std::string_view suffix,
             int64_t page,
             int64_t last,
             Answer& answer) {
  const std::string link = LinkHeader({.base_url = call.base_url,
                                       .path = fmt::format("{}{}{}", kByIdPath, id, suffix),
                                       .query = call.request.query,
                                       .page = page,
                                       .last = std::max<int64_t>(1, last)});
  if (!link.empty()) answer.response.headers.Add("link", link);
}

Answer Detail(const Call& call, const Repository& repository) {
  ContentTag tag;
  tag.Add(repository.profile->id);
  tag.Add(repository.name->full_name);
  tag.Add(repository.stars);
  tag.Add(repository.forks);
  tag.Add(repository.open_issues);
  tag.Add(repository.updated_at);
  tag.Add(repository.pushed_at);
  tag.Add(uint64_t{repository.archived ? 1U : 0U});
  // A profile of a generated world never changes; a recorded day brings its own.
  tag.Add(repository.profile->description.value_or(""));
  tag.Add(repository.profile->language.value_or(""));
  return Conditional(call, tag, [&](Answer& answer) {
    answer.items = {0};
    answer.repository_ids = {repository.profile->id};
    RepositoryWriter(call.base_url).AppendDetail(answer.response.body, repository);
  });
}

Answer HistoryPage(World& world, const Call& call, int64_t id) {
  constexpr int64_t kWeeksPerPage = 30;
  constexpr int64_t kPagesMax = 100;
  const int64_t page = std::min(NumberOr(call.request.Param("page"), 1), kPageMax);
  const int64_t skipped = page > kPagesMax ? INT64_MAX : (page - 1) * kWeeksPerPage;
  const Result<StarHistory> found =
      world.StarHistoryOf(id, call.now, {.newest_skipped = skipped, .weeks_max = kWeeksPerPage});
  if (!found.ok()) return NotFound();  // As a host answers that does not have the endpoint.
  const StarHistory& history = found.value();
  ContentTag tag;
  tag.Add(history.weeks_total);
  for (const int64_t begin : history.week_begins) tag.Add(begin);
  for (const int32_t gained : history.gained) tag.Add(int64_t{gained});
  return Conditional(call, tag, [&](Answer& answer) {
    AppendWeeks(answer.response.body, history);
    const int64_t last = (history.weeks_total + kWeeksPerPage - 1) / kWeeksPerPage;
    AddLink(call, id, kHistory, page, std::min(last, kPagesMax), answer);
  });
}

Answer ReleasesPage(World& world, const Call& call, const Repository& repository) {
  constexpr int64_t kPerPageDefault = 30;
  constexpr int64_t kPerPageMax = 100;
  const int64_t id = repository.profile->id;
  const std::vector<Release> all = world.ReleasesOf(id, call.now);
  const auto count = static_cast<int64_t>(all.size());
  const int64_t per_page =
      std::min(NumberOr(call.request.Param("per_page"), kPerPageDefault), kPerPageMax);
  const int64_t page = std::min(NumberOr(call.request.Param("page"), 1), kPageMax);
  const auto begin = all.begin() + std::min(count, (page - 1) * per_page);
  const auto end = all.begin() + std::min(count, page * per_page);
  const int64_t last = (count + per_page - 1) / per_page;
  ContentTag tag;
  tag.Add(repository.name->full_name);
  tag.Add(last);
  for (auto one = begin; one != end; ++one) AddRelease(tag, *one);
  return Conditional(call, tag, [&](Answer& answer) {
    std::string& body = answer.response.body;
    body += '[';
    for (auto one = begin; one != end; ++one) {
      if (one != begin) body += ',';
      AppendRelease(body, *one, *repository.name, call.base_url);
    }
    body += ']';
    AddLink(call, id, kReleases, page, last, answer);
  });
}

Answer Moved(const Call& call, int64_t id, std::string_view suffix) {
  const std::string location = net::BuildUrl(
      call.base_url, fmt::format("{}{}{}", kByIdPath, id, suffix), call.request.query);
  Answer answer{.response = {.status = 301}};
  answer.response.headers.Add("content-type", "application/json; charset=utf-8");
  answer.response.headers.Add("location", location);
  answer.response.body = R"({"message":"Moved Permanently","url":)";
  AppendJsonText(answer.response.body, std::string_view(location));
  answer.response.body +=
      R"(,"documentation_url":"https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"})";
  return answer;
}

}  // namespace

Answer AnswerAboutRepository(World& world, const Call& call) {
  const Target target = TargetOf(call.request.path);
  const bool is_known =
      target.suffix.empty() || target.suffix == kHistory || target.suffix == kReleases;
  if (!is_known) return NotFound();
  const std::optional<int64_t> id = target.by_id ? NumberOr(std::string(target.repository), -1)
                                                 : world.HolderOf(target.repository, call.now);
  const Result<Lookup> found = world.Look(id.value_or(-1), call.now);
  if (!found.ok()) return SourceDown(found.error());
  const Lookup& lookup = found.value();
  if (lookup.state != RepositoryState::kPublic) return NotPublic(lookup.state);
  const Repository& repository = lookup.repository;
  if (!target.by_id && !EqualsAnyCase(repository.name->full_name, target.repository))
    return Moved(call, *id, target.suffix);
  if (target.suffix == kHistory) return HistoryPage(world, call, *id);
  if (target.suffix == kReleases) return ReleasesPage(world, call, repository);
  return Detail(call, repository);
}

}  // namespace stargaze::sandbox
