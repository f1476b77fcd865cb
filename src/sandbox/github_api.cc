#include "sandbox/github_api.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <mutex>
#include <utility>

#include "base/digest.h"
#include "sandbox/ascii.h"
#include "sandbox/github_responses.h"
#include "sandbox/json_text.h"
#include "sandbox/mix.h"
#include "sandbox/repository_json.h"
#include "sandbox/search.h"

namespace stargaze::sandbox {
namespace {

constexpr std::string_view kSearchPath = "/search/repositories";
constexpr std::string_view kByNamePath = "/repos/";
constexpr std::string_view kByIdPath = "/repositories/";
constexpr int kSecondaryLimitSeconds = 60;
constexpr int64_t kTooManyRequestsEvery =
    4;  // GitHub answers 403 or 429; every fourth refusal is a 429.
constexpr std::size_t kSpoiledMax = 100'000;

// A request that the limits granted.
struct Call {
  const net::ServerRequest& request;
  Instant now{};
  std::string caller{};  // Digest of the token, empty: anonymous.
  std::string base_url{};
  std::optional<FaultKind> fault{};
  uint64_t ordinal = 0;
};

struct Answer {
  net::HttpResponse response{};
  std::vector<std::size_t> items{};       // Where repositories begin in the body.
  std::vector<int64_t> repository_ids{};  // Of the same.
};

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

// The Host header decides where links lead; one that is no plain authority is not echoed.
std::string BaseUrlOf(const net::ServerRequest& request, const std::string& configured) {
  if (!configured.empty()) return configured;
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-:[]";
  const std::string_view host = request.headers.Find("host").value_or("");
  const bool plain = !host.empty() && host.find_first_not_of(kAllowed) == std::string_view::npos;
  return fmt::format("http://{}", plain ? host : "localhost");
}

// nullopt for a header that is no form of a token.
std::optional<std::string> CallerOf(const net::ServerRequest& request) {
  const auto header = request.headers.Find("authorization");
  if (!header) return "";
  const std::string_view scheme = header->substr(0, header->find(' '));
  const bool known = EqualsAnyCase(scheme, "bearer") || EqualsAnyCase(scheme, "token") ||
                     EqualsAnyCase(scheme, "basic");
  if (!known || scheme.size() + 1 >= header->size()) return std::nullopt;
  return Sha256Hex(header->substr(scheme.size() + 1));
}

Answer NotFound() {
  return {.response = ErrorResponse(404, "Not Found", "/repos/repos#get-a-repository")};
}

Answer SourceDown(const Error& error) {
  return {.response =
              ErrorResponse(503, fmt::format("Service unavailable: {}", error.message()), "")};
}

}  // namespace

struct GitHubApi::Impl {
  Impl(World& of_world, const Clock& its_clock, GitHubApiOptions its_options)
      : world(of_world),
        clock(its_clock),
        options(std::move(its_options)),
        limits(options.limits) {}

  net::HttpResponse Serve(const net::ServerRequest& request, Instant now);
  net::HttpResponse Limited(Call& call, Resource resource);
  net::HttpResponse Refused(const Quota& quota);
  Answer AnswerTo(const Call& call);
  Answer SearchRepositories(const Call& call);
  Answer RenderPage(const Call& call,
                    const Snapshot& snapshot,
                    const SearchQuery& query,
                    int64_t page,
                    int64_t per_page);
  Answer ByName(const Call& call, std::string_view full_name);
  Answer ById(const Call& call, std::string_view digits);
  Answer Detail(const Call& call, const Repository& repository);
  void Spoil(const Call& call, Answer& answer);
  void Finish(net::HttpResponse& response, Instant now);

  World& world;
  const Clock& clock;
  GitHubApiOptions options;
  RateLimits limits;
  mutable std::mutex mutex{};
  GitHubApiCounters counters{};  // Guarded by `mutex`, as are the next.
  uint64_t requests = 0;
  uint64_t granted = 0;
};

net::HttpResponse GitHubApi::Impl::Serve(const net::ServerRequest& request, Instant now) {
  const bool is_search = request.path == kSearchPath;
  const bool is_core = request.path.starts_with(kByNamePath) || request.path.starts_with(kByIdPath);
  const bool has_agent = !request.headers.Find("user-agent").value_or("").empty();
  {
    const std::lock_guard lock(mutex);
    ++(!has_agent || (!is_search && !is_core)
           ? counters.other_requests
           : (is_search ? counters.search_requests : counters.core_requests));
  }
  if (!has_agent) return HtmlPage(403, "Request forbidden: it needs a User-Agent header");
  const std::optional<std::string> caller = CallerOf(request);
  if (!caller) return ErrorResponse(401, "Bad credentials", "");
  if (request.method != "GET") return NotFound().response;
  if (request.path == "/rate_limit") {
    net::HttpResponse response{.status = 200};
    response.headers.Add("content-type", "application/json; charset=utf-8");
    const Quota core = limits.Peek(Resource::kCore, *caller, now);
    response.body = RateLimitBody(core, limits.Peek(Resource::kSearch, *caller, now));
    AddQuotaHeaders(response.headers, core);
    return response;
  }
  if (!is_search && !is_core) return NotFound().response;
  Call call{.request = request,
            .now = now,
            .caller = *caller,
            .base_url = BaseUrlOf(request, options.base_url)};
  return Limited(call, is_search ? Resource::kSearch : Resource::kCore);
}

net::HttpResponse GitHubApi::Impl::Limited(Call& call, Resource resource) {
  Quota quota = limits.Take(resource, call.caller, call.now);
  if (!quota.granted) return Refused(quota);
  {
    const std::lock_guard lock(mutex);
    ++counters.charged;
    call.ordinal = ++granted;
  }
  call.fault = FaultOf(options.faults, call.ordinal);
  Answer answer = AnswerTo(call);
  Spoil(call, answer);
  if (answer.response.status == 304 && !call.caller.empty()) {
    quota = limits.Refund(resource, call.caller, call.now);
    const std::lock_guard lock(mutex);
    --counters.charged;
  }
  AddQuotaHeaders(answer.response.headers, quota);
  return std::move(answer.response);
}

net::HttpResponse GitHubApi::Impl::Refused(const Quota& quota) {
  int64_t violation = 0;
  {
    const std::lock_guard lock(mutex);
    violation = ++counters.limit_violations;
  }
  const int status = violation % kTooManyRequestsEvery == 0 ? 429 : 403;
  net::HttpResponse response =
      quota.blocked ? SecondaryLimit(kSecondaryLimitSeconds) : LimitExceeded(status, quota);
  AddQuotaHeaders(response.headers, quota);
  return response;
}

Answer GitHubApi::Impl::AnswerTo(const Call& call) {
  if (call.fault == FaultKind::kBadGateway) return {.response = HtmlPage(502, "Bad Gateway")};
  if (call.fault == FaultKind::kHtml) return {.response = HtmlPage(200, "Unicorn")};
  if (call.fault == FaultKind::kSecondaryLimit || call.fault == FaultKind::kSecondaryRetryAfter) {
    limits.Block(call.caller, call.now + std::chrono::seconds(kSecondaryLimitSeconds));
    return {.response = SecondaryLimit(
                call.fault == FaultKind::kSecondaryLimit ? 0 : kSecondaryLimitSeconds)};
  }
  const std::string_view path = call.request.path;
  if (path == kSearchPath) return SearchRepositories(call);
  if (path.starts_with(kByNamePath)) return ByName(call, path.substr(kByNamePath.size()));
  return ById(call, path.substr(kByIdPath.size()));
}

Answer GitHubApi::Impl::SearchRepositories(const Call& call) {
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

Answer GitHubApi::Impl::RenderPage(const Call& call,
                                   const Snapshot& snapshot,
                                   const SearchQuery& query,
                                   int64_t page,
                                   int64_t per_page) {
  constexpr std::size_t kItemBytes = 6'000;
  SearchPage found =
      Search(snapshot, query, OrderOf(call.request), (page - 1) * per_page, per_page);
  const bool incomplete = call.fault == FaultKind::kIncomplete;
  if (incomplete) found.repositories.resize(found.repositories.size() / 2);
  Answer answer{.response = {.status = 200}};
  std::string& body = answer.response.body;
  body.reserve((found.repositories.size() + 1) * kItemBytes);
  body += "{\"total_count\":";
  AppendNumber(body, found.total);
  body += incomplete ? ",\"incomplete_results\":true,\"items\":["
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

Answer GitHubApi::Impl::ByName(const Call& call, std::string_view full_name) {
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

Answer GitHubApi::Impl::ById(const Call& call, std::string_view digits) {
  const Result<std::shared_ptr<const Snapshot>> snapshot = world.At(call.now);
  if (!snapshot.ok()) return SourceDown(snapshot.error());
  const Repository* repository = snapshot.value()->Find(NumberOr(std::string(digits), -1));
  return repository != nullptr ? Detail(call, *repository) : NotFound();
}

Answer GitHubApi::Impl::Detail(const Call& call, const Repository& repository) {
  Answer answer{
      .response = {.status = 200}, .items = {0}, .repository_ids = {repository.profile->id}};
  RepositoryWriter(call.base_url).AppendDetail(answer.response.body, repository);
  const std::string etag = fmt::format("W/\"{}\"", Sha256Hex(answer.response.body + call.caller));
  if (call.request.headers.Find("if-none-match") == etag)
    answer = {.response = {.status = 304}};
  else
    answer.response.headers.Add("content-type", "application/json; charset=utf-8");
  answer.response.headers.Add("etag", etag);
  answer.response.headers.Add("cache-control", "public, max-age=60, s-maxage=60");
  return answer;
}

void GitHubApi::Impl::Spoil(const Call& call, Answer& answer) {
  if (!call.fault) return;
  std::optional<std::size_t> item;
  if (answer.response.status == 200 && !answer.items.empty()) {
    JsonBody body{.text = std::move(answer.response.body), .items = std::move(answer.items)};
    const bool is_search = call.request.path == kSearchPath;
    if (is_search || *call.fault != FaultKind::kDuplicateItems) {
      item = SpoilBody(*call.fault, Mix(options.faults.seed, call.ordinal), body);
    }
    answer.response.body = std::move(body.text);
  }
  const std::lock_guard lock(mutex);
  ++counters.faults[static_cast<std::size_t>(*call.fault)];
  if (!item || counters.spoiled.size() >= kSpoiledMax) return;
  counters.spoiled.push_back({.kind = *call.fault, .repository_id = answer.repository_ids[*item]});
}

void GitHubApi::Impl::Finish(net::HttpResponse& response, Instant now) {
  uint64_t number = 0;
  {
    const std::lock_guard lock(mutex);
    number = ++requests;
  }
  const uint64_t id = Mix(options.faults.seed, number);
  net::Headers& headers = response.headers;
  headers.Add("date", FormatHttpDate(now));
  headers.Add("server", "stargaze-sandbox");
  headers.Add("x-github-media-type", "github.v3; format=json");
  headers.Add("x-github-request-id",
              fmt::format("{:04X}:{:04X}:{:08X}", id & 0xffffU, (id >> 16U) & 0xffffU, id >> 32U));
  headers.Add("x-stargaze-sandbox", world.name());
}

GitHubApi::GitHubApi(World& world, const Clock& clock, GitHubApiOptions options)
    : impl_(std::make_unique<Impl>(world, clock, std::move(options))) {}

GitHubApi::~GitHubApi() = default;

net::HttpResponse GitHubApi::Handle(const net::ServerRequest& request) {
  const Instant now = impl_->clock.Now();
  net::HttpResponse response = impl_->Serve(request, now);
  impl_->Finish(response, now);
  return response;
}

GitHubApiCounters GitHubApi::counters() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->counters;
}

}  // namespace stargaze::sandbox
