#include "sandbox/github_api.h"

#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <limits>
#include <map>
#include <mutex>
#include <utility>

#include "base/digest.h"
#include "sandbox/ascii.h"
#include "sandbox/github_endpoints.h"
#include "sandbox/github_responses.h"
#include "sandbox/mix.h"
#include "sandbox/paced_body.h"

namespace stargaze::sandbox {
namespace {

constexpr int kSecondaryLimitSeconds = 60;
// GitHub answers 403 or 429 to the same thing; every fourth refusal is a 429 here.
constexpr int64_t kTooManyRequestsEvery = 4;
constexpr std::size_t kSpoiledMax = 100'000;
constexpr std::size_t kCallersMax = 4'096;
constexpr std::size_t kOrdersMax = 1'000;
constexpr std::size_t kComputedMax = 1'000'000;

struct Fault {
  FaultKind kind{};
  uint64_t pick = 0;  // Chooses the record that it spoils.
};

struct Caller {
  std::string digest{};  // Of the token; empty: anonymous.
  std::string name{};    // In the counters.
  const TokenFault* fault = nullptr;
};

// What goes out, and what the fault does to it on the way.
struct Outcome {
  net::HttpResponse response{};
  std::optional<Fault> fault{};
};

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
std::optional<Caller> CallerOf(const net::ServerRequest& request, const SandboxFaults& faults) {
  const auto header = request.headers.Find("authorization");
  if (!header) return Caller{.name = "anonymous"};
  const std::string_view scheme = header->substr(0, header->find(' '));
  const bool known = EqualsAnyCase(scheme, "bearer") || EqualsAnyCase(scheme, "token") ||
                     EqualsAnyCase(scheme, "basic");
  if (!known || scheme.size() + 1 >= header->size()) return std::nullopt;
  const std::string_view token = header->substr(scheme.size() + 1);
  Caller caller{.digest = Sha256Hex(token)};
  caller.name = caller.digest.substr(0, 8);
  const auto found = std::ranges::find_if(
      faults.tokens, [&](const TokenFault& one) { return token.ends_with(one.last_four); });
  if (found != faults.tokens.end()) caller.fault = &*found;
  return caller;
}

// The faults that answer in the place of the world; nullopt for the others.
std::optional<net::HttpResponse> Instead(FaultKind kind, uint64_t pick) {
  switch (kind) {
    case FaultKind::kBadGateway:
    case FaultKind::kQueryTimeout:
      return HtmlPage(502, "Bad Gateway");
    case FaultKind::kHtml:
      return HtmlPage(200, "Unicorn");
    case FaultKind::kServerError:
      return ErrorResponse(500, "Server Error", "");
    case FaultKind::kStorm:
      if (pick % 3 == 0) return ErrorResponse(500, "Server Error", "");
      return HtmlPage(pick % 3 == 1 ? 502 : 503, "Something went wrong");
    case FaultKind::kSecondaryLimit:
      return SecondaryLimit(0);
    case FaultKind::kSecondaryRetryAfter:
      return SecondaryLimit(kSecondaryLimitSeconds);
    case FaultKind::kAccepted: {
      net::HttpResponse response{.status = 202, .body = "{}"};
      response.headers.Add("content-type", "application/json; charset=utf-8");
      return response;
    }
    default:
      return std::nullopt;
  }
}

}  // namespace

struct GitHubApi::Impl {
  Impl(World& of_world, const Clock& its_clock, GitHubApiOptions its_options)
      : world(of_world),
        clock(its_clock),
        options(std::move(its_options)),
        limits(options.limits),
        secondary(options.secondary) {}

  Outcome Serve(const net::ServerRequest& request, Instant now);
  net::HttpResponse AboutItself(const net::ServerRequest& request, Instant now);
  net::HttpResponse RateLimit(const Caller& caller, Instant now);
  Outcome Granted(const net::ServerRequest& request, const Caller& caller, Instant now);
  Outcome Rest(const net::ServerRequest& request, const Caller& caller, Instant now);
  Outcome Graphql(const net::ServerRequest& request, const Caller& caller, Instant now);
  net::HttpResponse Answered(const PostedQuery& posted,
                             const std::optional<Fault>& fault,
                             QueryContext context);
  std::optional<Fault> DrawFault(const net::ServerRequest& request, bool is_graphql, Instant now);
  std::optional<FaultKind> Ordered(std::string_view target);
  bool IsStillComputed(const std::string& path, Instant now);
  net::HttpResponse Refused(const Caller& caller, ViolationKind kind, const Quota& quota);
  void Spoil(const Fault& fault, bool is_search, Answer& answer);
  void Count(FaultKind kind, std::optional<int64_t> spoiled_id);
  void CountPoints(const Caller& caller, int64_t points);
  CallerCounters& Of(const Caller& caller);  // The mutex is held.
  void Finish(Outcome& outcome, Instant now);

  World& world;
  const Clock& clock;
  GitHubApiOptions options;
  RateLimits limits;
  SecondaryLimits secondary;
  mutable std::mutex mutex{};
  GitHubApiCounters counters{};  // Guarded by `mutex`, as are the next.
  uint64_t requests = 0;
  uint64_t granted = 0;
  std::deque<FaultOrder> orders{};
  Day computed_day{};
  std::map<std::string, int> computed{};  // Asks of that day, by path.
};

Outcome GitHubApi::Impl::Serve(const net::ServerRequest& request, Instant now) {
  if (request.path.starts_with(kSandboxPath)) return {.response = AboutItself(request, now)};
  const bool is_search = request.path == kSearchPath;
  const bool is_graphql = request.path == kGraphqlPath;
  const bool is_core = request.path.starts_with(kByNamePath) || request.path.starts_with(kByIdPath);
  const bool is_known = is_search || is_graphql || is_core;
  const bool has_agent = !request.headers.Find("user-agent").value_or("").empty();
  const std::optional<Caller> caller = CallerOf(request, options.faults);
  const bool refused_token = caller && caller->fault != nullptr && caller->fault->from <= now;
  {
    const std::lock_guard lock(mutex);
    ++(!has_agent || !is_known ? counters.other_requests
       : is_graphql            ? counters.graphql_requests
       : is_search             ? counters.search_requests
                               : counters.core_requests);
    if (!caller || refused_token) ++counters.unauthorized;
    if (caller && is_known) ++Of(*caller).requests;
  }
  if (!has_agent)
    return {.response = HtmlPage(403, "Request forbidden: it needs a User-Agent header")};
  if (!caller || refused_token) return {.response = ErrorResponse(401, "Bad credentials", "")};
  if (request.method != (is_graphql ? "POST" : "GET")) return {.response = NotFoundResponse()};
  if (request.path == "/rate_limit") return {.response = RateLimit(*caller, now)};
  if (!is_known) return {.response = NotFoundResponse()};
  Outcome outcome = Granted(request, *caller, now);
  if (caller->fault != nullptr) {
    std::string until = FormatInstantSeconds(caller->fault->from);  // "2026-02-01T00:00:00Z"
    until.replace(until.find('T'), 1, " ").replace(until.size() - 1, 1, " UTC");
    outcome.response.headers.Add("github-authentication-token-expiration", until);
  }
  return outcome;
}

net::HttpResponse GitHubApi::Impl::AboutItself(const net::ServerRequest& request, Instant now) {
  const std::string_view page = std::string_view(request.path).substr(kSandboxPath.size());
  if (page == "counters" && request.method == "GET") {
    const std::lock_guard lock(mutex);
    net::HttpResponse response{.status = 200, .body = CountersJson(counters)};
    response.headers.Add("content-type", "application/json");
    return response;
  }
  if (page == "faults" && request.method == "POST") {
    Result<FaultOrder> order = ReadFaultOrder(request.body);
    if (!order.ok()) return ErrorResponse(400, order.error().message(), "");
    const std::lock_guard lock(mutex);
    if (orders.size() < kOrdersMax) orders.push_back(std::move(order).value());
    return {.status = 204};
  }
  return AnswerFromBooks(request, options.books, now);
}

net::HttpResponse GitHubApi::Impl::RateLimit(const Caller& caller, Instant now) {
  net::HttpResponse response{.status = 200};
  response.headers.Add("content-type", "application/json; charset=utf-8");
  const Quota core = limits.Peek(Resource::kCore, caller.digest, now);
  response.body = RateLimitBody(core,
                                limits.Peek(Resource::kSearch, caller.digest, now),
                                limits.Peek(Resource::kGraphql, caller.digest, now));
  AddQuotaHeaders(response.headers, core);
  return response;
}

// Counts the request among those that run at once, from here to its answer.
Outcome GitHubApi::Impl::Granted(const net::ServerRequest& request,
                                 const Caller& caller,
                                 Instant now) {
  const bool is_graphql = request.path == kGraphqlPath;
  Outcome outcome;
  if (secondary.Enter(caller.digest)) {
    const Resource resource = is_graphql ? Resource::kGraphql : Resource::kCore;
    outcome.response =
        Refused(caller, ViolationKind::kConcurrency, limits.Peek(resource, caller.digest, now));
  } else {
    outcome = is_graphql ? Graphql(request, caller, now) : Rest(request, caller, now);
  }
  secondary.Leave(caller.digest);
  return outcome;
}

Outcome GitHubApi::Impl::Rest(const net::ServerRequest& request,
                              const Caller& caller,
                              Instant now) {
  const bool is_search = request.path == kSearchPath;
  const Resource resource = is_search ? Resource::kSearch : Resource::kCore;
  Quota quota = limits.Take(resource, caller.digest, now);
  if (!quota.granted) {
    const ViolationKind kind = quota.blocked ? ViolationKind::kBlocked : ViolationKind::kQuota;
    return {.response = Refused(caller, kind, quota)};
  }
  if (const auto kind = secondary.Charge(caller.digest, {.cpu_ms = options.rest_cpu_ms}, now)) {
    limits.Block(caller.digest, now + std::chrono::seconds(kSecondaryLimitSeconds));
    quota = limits.Refund(resource, caller.digest, now);
    return {.response = Refused(caller, *kind, quota)};
  }
  Outcome outcome{.fault = DrawFault(request, false, now)};
  const std::optional<Fault>& fault = outcome.fault;
  Answer answer;
  std::optional<net::HttpResponse> instead =
      fault ? Instead(fault->kind, fault->pick) : std::nullopt;
  if (instead) {
    answer.response = std::move(*instead);
  } else {
    const Call call{.request = request,
                    .now = now,
                    .caller = caller.digest,
                    .base_url = BaseUrlOf(request, options.base_url),
                    .incomplete = is_search && fault && fault->kind == FaultKind::kIncomplete};
    answer = AnswerFrom(world, call);
  }
  if (fault) {
    const bool limits_all =
        fault->kind == FaultKind::kSecondaryLimit || fault->kind == FaultKind::kSecondaryRetryAfter;
    if (limits_all) limits.Block(caller.digest, now + std::chrono::seconds(kSecondaryLimitSeconds));
    Spoil(*fault, is_search, answer);
  }
  const bool unchanged = answer.response.status == 304;
  const bool free = unchanged && !caller.digest.empty();
  if (free) quota = limits.Refund(resource, caller.digest, now);
  AddQuotaHeaders(answer.response.headers, quota);
  const std::lock_guard lock(mutex);
  CallerCounters& counts = Of(caller);
  counters.charged += free ? 0 : 1;
  counts.charged += free ? 0 : 1;
  counters.not_modified += unchanged ? 1 : 0;
  counts.not_modified += unchanged ? 1 : 0;
  outcome.response = std::move(answer.response);
  return outcome;
}

Outcome GitHubApi::Impl::Graphql(const net::ServerRequest& request,
                                 const Caller& caller,
                                 Instant now) {
  if (caller.digest.empty())
    return {.response =
                ErrorResponse(401, "This endpoint requires you to be authenticated.", "/graphql")};
  const PostedQuery posted = ReadQuery(request.body);
  const int64_t points = posted.points();
  Quota quota = limits.Take(Resource::kGraphql, caller.digest, now, static_cast<int>(points));
  if (!quota.granted) {
    const ViolationKind kind = quota.blocked ? ViolationKind::kBlocked : ViolationKind::kQuota;
    return {.response = Refused(caller, kind, quota)};
  }
  CountPoints(caller, points);
  const Weight weight{.is_graphql = true, .cpu_ms = posted.cpu_ms(options.graphql)};
  if (const auto kind = secondary.Charge(caller.digest, weight, now)) {
    limits.Block(caller.digest, now + std::chrono::seconds(kSecondaryLimitSeconds));
    return {.response = Refused(caller, *kind, quota)};
  }
  Outcome outcome{.fault = DrawFault(request, true, now)};
  const std::optional<Fault>& fault = outcome.fault;
  const bool limits_all = fault && (fault->kind == FaultKind::kSecondaryLimit ||
                                    fault->kind == FaultKind::kSecondaryRetryAfter);
  if (limits_all) limits.Block(caller.digest, now + std::chrono::seconds(kSecondaryLimitSeconds));
  const bool too_large = weight.cpu_ms > options.graphql.cpu_ms_per_query_max;
  if (too_large || (fault && fault->kind == FaultKind::kQueryTimeout)) {
    quota = limits.Surcharge(Resource::kGraphql, caller.digest, now, static_cast<int>(points));
    CountPoints(caller, points);
    outcome.response = HtmlPage(502, "Bad Gateway");
    if (fault) Count(fault->kind, std::nullopt);
  } else {
    outcome.response = Answered(
        posted,
        fault,
        {.now = now, .quota = quota, .resources_max = options.graphql.resources_per_query_max});
  }
  AddQuotaHeaders(outcome.response.headers, quota);
  return outcome;
}

net::HttpResponse GitHubApi::Impl::Answered(const PostedQuery& posted,
                                            const std::optional<Fault>& fault,
                                            QueryContext context) {
  std::optional<net::HttpResponse> instead =
      fault ? Instead(fault->kind, fault->pick) : std::nullopt;
  if (instead) {
    Count(fault->kind, std::nullopt);
    return std::move(*instead);
  }
  if (!posted.query) return posted.refusal;
  if (fault && fault->kind == FaultKind::kResourceLimits)
    context.resources_max = posted.query->price().repositories / 2;
  Answer answer{.response = AnswerQuery(*posted.query, world, context)};
  if (fault) Spoil(*fault, false, answer);
  return std::move(answer.response);
}

std::optional<Fault> GitHubApi::Impl::DrawFault(const net::ServerRequest& request,
                                                bool is_graphql,
                                                Instant now) {
  const std::lock_guard lock(mutex);
  const uint64_t ordinal = ++granted;
  std::optional<FaultKind> kind = Ordered(request.target);
  if (!kind) kind = FaultOf(options.faults, ordinal);
  if (!kind && IsStillComputed(request.path, now)) kind = FaultKind::kAccepted;
  const bool is_for_queries =
      kind == FaultKind::kResourceLimits || kind == FaultKind::kQueryTimeout;
  if (!kind || (is_for_queries && !is_graphql)) return std::nullopt;
  return Fault{.kind = *kind, .pick = Mix(options.faults.seed, ordinal)};
}

// The mutex is held, as in the next.
std::optional<FaultKind> GitHubApi::Impl::Ordered(std::string_view target) {
  const auto order = std::ranges::find_if(
      orders, [&](const FaultOrder& one) { return target.starts_with(one.target); });
  if (order == orders.end()) return std::nullopt;
  const FaultKind kind = order->kind;
  if (--order->times <= 0) orders.erase(order);
  return kind;
}

bool GitHubApi::Impl::IsStillComputed(const std::string& path, Instant now) {
  constexpr int kAsks = 2;
  if (!path.ends_with("/stargazers/history") || !IsComputed(options.faults, path)) return false;
  if (DayOf(now) != computed_day || computed.size() > kComputedMax) computed.clear();
  computed_day = DayOf(now);
  return ++computed[path] <= kAsks;
}

net::HttpResponse GitHubApi::Impl::Refused(const Caller& caller,
                                           ViolationKind kind,
                                           const Quota& quota) {
  int64_t violation = 0;
  {
    const std::lock_guard lock(mutex);
    violation = ++counters.limit_violations;
    ++counters.violations[static_cast<std::size_t>(kind)];
    ++Of(caller).violations[static_cast<std::size_t>(kind)];
  }
  net::HttpResponse response;
  if (kind != ViolationKind::kQuota) {
    // A limit of its own rules says when it ends only every second time, as GitHub does.
    const bool says_when = kind == ViolationKind::kBlocked || violation % 2 == 0;
    response = SecondaryLimit(says_when ? kSecondaryLimitSeconds : 0);
  } else if (quota.resource == Resource::kGraphql) {
    response = QueryQuotaExceeded();
  } else {
    response = LimitExceeded(violation % kTooManyRequestsEvery == 0 ? 429 : 403, quota);
  }
  AddQuotaHeaders(response.headers, quota);
  return response;
}

void GitHubApi::Impl::Spoil(const Fault& fault, bool is_search, Answer& answer) {
  const bool stands_alone = Instead(fault.kind, fault.pick).has_value() ||
                            fault.kind == FaultKind::kClockSkew ||
                            fault.kind == FaultKind::kResourceLimits;
  if (stands_alone) return Count(fault.kind, std::nullopt);
  if (answer.response.status != 200) return;
  if (IsAboutPace(fault.kind)) return Count(fault.kind, std::nullopt);
  const bool only_searches =
      fault.kind == FaultKind::kIncomplete || fault.kind == FaultKind::kDuplicateItems;
  if (only_searches && !is_search) return;
  JsonBody body{.text = std::move(answer.response.body), .items = std::move(answer.items)};
  const std::optional<std::size_t> item = SpoilBody(fault.kind, fault.pick, body);
  answer.response.body = std::move(body.text);
  if (item) return Count(fault.kind, answer.repository_ids[*item]);
  const bool needs_no_item = fault.kind == FaultKind::kIncomplete ||
                             fault.kind == FaultKind::kTruncated ||
                             fault.kind == FaultKind::kWrongJson;
  if (needs_no_item) Count(fault.kind, std::nullopt);
}

void GitHubApi::Impl::Count(FaultKind kind, std::optional<int64_t> spoiled_id) {
  const std::lock_guard lock(mutex);
  ++counters.faults[static_cast<std::size_t>(kind)];
  if (!spoiled_id || counters.spoiled.size() >= kSpoiledMax) return;
  counters.spoiled.push_back({.kind = kind, .repository_id = *spoiled_id});
}

void GitHubApi::Impl::CountPoints(const Caller& caller, int64_t points) {
  const std::lock_guard lock(mutex);
  counters.graphql_points += points;
  Of(caller).graphql_points += points;
}

CallerCounters& GitHubApi::Impl::Of(const Caller& caller) {
  const bool is_known = counters.callers.contains(caller.name);
  return counters
      .callers[is_known || counters.callers.size() < kCallersMax ? caller.name : "others"];
}

void GitHubApi::Impl::Finish(Outcome& outcome, Instant now) {
  uint64_t number = 0;
  {
    const std::lock_guard lock(mutex);
    number = ++requests;
  }
  Instant date = now;
  if (outcome.fault && outcome.fault->kind == FaultKind::kClockSkew) {
    constexpr int64_t kSecondsMax = 7'200;
    date += std::chrono::seconds(static_cast<int64_t>(outcome.fault->pick % (2 * kSecondsMax)) -
                                 kSecondsMax);
  }
  const uint64_t id = Mix(options.faults.seed, number);
  net::Headers& headers = outcome.response.headers;
  headers.Add("date", FormatHttpDate(date));
  headers.Add("vary", "Accept, Authorization");
  headers.Add("server", "stargaze-sandbox");
  headers.Add("x-github-media-type", "github.v3; format=json");
  headers.Add("x-github-request-id",
              fmt::format("{:04X}:{:04X}:{:08X}", id & 0xffffU, (id >> 16U) & 0xffffU, id >> 32U));
  headers.Add("x-stargaze-sandbox", world.name());
}

GitHubApiOptions WithoutLimits() {
  constexpr int kMany = std::numeric_limits<int>::max() / 2;
  return {.limits = {.core_per_hour = kMany,
                     .core_per_hour_anonymous = kMany,
                     .search_per_minute = kMany,
                     .graphql_points_per_hour = kMany,
                     .search_per_minute_anonymous = kMany},
          .secondary = {.concurrent_max = kMany,
                        .rest_points_per_minute = kMany,
                        .graphql_points_per_minute = kMany,
                        .cpu_ms_per_minute = std::numeric_limits<int64_t>::max() / 2}};
}

GitHubApi::GitHubApi(World& world, const Clock& clock, GitHubApiOptions options)
    : impl_(std::make_unique<Impl>(world, clock, std::move(options))) {}

GitHubApi::~GitHubApi() = default;

PacedResponse GitHubApi::Exchange(const net::ServerRequest& request) {
  const Instant now = impl_->clock.Now();
  Outcome outcome = impl_->Serve(request, now);
  impl_->Finish(outcome, now);
  const bool paced =
      outcome.fault && IsAboutPace(outcome.fault->kind) && outcome.response.status == 200;
  if (paced) return Paced(outcome.fault->kind, std::move(outcome.response));
  return {.response = std::move(outcome.response)};
}

void GitHubApi::Order(FaultOrder order) {
  const std::lock_guard lock(impl_->mutex);
  if (impl_->orders.size() < kOrdersMax) impl_->orders.push_back(std::move(order));
}

GitHubApiCounters GitHubApi::counters() const {
  const std::lock_guard lock(impl_->mutex);
  return impl_->counters;
}

}  // namespace stargaze::sandbox
