#include "sandbox/github_api.h"

#include <fmt/core.h>

#include <mutex>
#include <utility>

#include "base/digest.h"
#include "sandbox/ascii.h"
#include "sandbox/github_endpoints.h"
#include "sandbox/github_responses.h"
#include "sandbox/mix.h"

namespace stargaze::sandbox {
namespace {

constexpr int kSecondaryLimitSeconds = 60;
// GitHub answers 403 or 429 to the same thing; every fourth refusal is a 429 here.
constexpr int64_t kTooManyRequestsEvery = 4;
constexpr std::size_t kSpoiledMax = 100'000;

struct Fault {
  FaultKind kind{};
  uint64_t pick = 0;  // Chooses the record that it spoils.
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
std::optional<std::string> CallerOf(const net::ServerRequest& request) {
  const auto header = request.headers.Find("authorization");
  if (!header) return "";
  const std::string_view scheme = header->substr(0, header->find(' '));
  const bool known = EqualsAnyCase(scheme, "bearer") || EqualsAnyCase(scheme, "token") ||
                     EqualsAnyCase(scheme, "basic");
  if (!known || scheme.size() + 1 >= header->size()) return std::nullopt;
  return Sha256Hex(header->substr(scheme.size() + 1));
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
  std::optional<Fault> DrawFault();
  net::HttpResponse Refused(const Quota& quota);
  Answer AnswerTo(const Call& call, const std::optional<Fault>& fault);
  void Spoil(const Fault& fault, bool is_search, Answer& answer);
  void Count(FaultKind kind, std::optional<int64_t> spoiled_id);
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
  if (request.method != "GET") return NotFoundResponse();
  if (request.path == "/rate_limit") {
    net::HttpResponse response{.status = 200};
    response.headers.Add("content-type", "application/json; charset=utf-8");
    const Quota core = limits.Peek(Resource::kCore, *caller, now);
    response.body = RateLimitBody(core, limits.Peek(Resource::kSearch, *caller, now));
    AddQuotaHeaders(response.headers, core);
    return response;
  }
  if (!is_search && !is_core) return NotFoundResponse();
  Call call{.request = request,
            .now = now,
            .caller = *caller,
            .base_url = BaseUrlOf(request, options.base_url)};
  return Limited(call, is_search ? Resource::kSearch : Resource::kCore);
}

net::HttpResponse GitHubApi::Impl::Limited(Call& call, Resource resource) {
  Quota quota = limits.Take(resource, call.caller, call.now);
  if (!quota.granted) return Refused(quota);
  const std::optional<Fault> fault = DrawFault();
  const bool is_search = resource == Resource::kSearch;
  call.incomplete = is_search && fault && fault->kind == FaultKind::kIncomplete;
  Answer answer = AnswerTo(call, fault);
  if (fault) Spoil(*fault, is_search, answer);
  if (answer.response.status == 304 && !call.caller.empty()) {
    quota = limits.Refund(resource, call.caller, call.now);
    const std::lock_guard lock(mutex);
    --counters.charged;
  }
  AddQuotaHeaders(answer.response.headers, quota);
  return std::move(answer.response);
}

std::optional<Fault> GitHubApi::Impl::DrawFault() {
  uint64_t ordinal = 0;
  {
    const std::lock_guard lock(mutex);
    ++counters.charged;
    ordinal = ++granted;
  }
  const std::optional<FaultKind> kind = FaultOf(options.faults, ordinal);
  if (!kind) return std::nullopt;
  return Fault{.kind = *kind, .pick = Mix(options.faults.seed, ordinal)};
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

Answer GitHubApi::Impl::AnswerTo(const Call& call, const std::optional<Fault>& fault) {
  if (!fault) return AnswerFrom(world, call);
  const bool says_when = fault->kind == FaultKind::kSecondaryRetryAfter;
  if (says_when || fault->kind == FaultKind::kSecondaryLimit) {
    limits.Block(call.caller, call.now + std::chrono::seconds(kSecondaryLimitSeconds));
    return {.response = SecondaryLimit(says_when ? kSecondaryLimitSeconds : 0)};
  }
  if (fault->kind == FaultKind::kBadGateway) return {.response = HtmlPage(502, "Bad Gateway")};
  if (fault->kind == FaultKind::kHtml) return {.response = HtmlPage(200, "Unicorn")};
  return AnswerFrom(world, call);
}

void GitHubApi::Impl::Spoil(const Fault& fault, bool is_search, Answer& answer) {
  switch (fault.kind) {
    case FaultKind::kBadGateway:
    case FaultKind::kHtml:
    case FaultKind::kSecondaryLimit:
    case FaultKind::kSecondaryRetryAfter:
      return Count(fault.kind, std::nullopt);
    default:
      break;
  }
  if (answer.response.status != 200) return;
  const bool only_searches =
      fault.kind == FaultKind::kIncomplete || fault.kind == FaultKind::kDuplicateItems;
  if (only_searches && !is_search) return;
  JsonBody body{.text = std::move(answer.response.body), .items = std::move(answer.items)};
  const std::optional<std::size_t> item = SpoilBody(fault.kind, fault.pick, body);
  answer.response.body = std::move(body.text);
  if (item) return Count(fault.kind, answer.repository_ids[*item]);
  const bool needs_no_item =
      fault.kind == FaultKind::kIncomplete || fault.kind == FaultKind::kTruncated;
  if (needs_no_item) Count(fault.kind, std::nullopt);
}

void GitHubApi::Impl::Count(FaultKind kind, std::optional<int64_t> spoiled_id) {
  const std::lock_guard lock(mutex);
  ++counters.faults[static_cast<std::size_t>(kind)];
  if (!spoiled_id || counters.spoiled.size() >= kSpoiledMax) return;
  counters.spoiled.push_back({.kind = kind, .repository_id = *spoiled_id});
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
  headers.Add("vary", "Accept, Authorization");
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
