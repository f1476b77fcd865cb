#include "collect/fetch.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "net/url.h"

namespace stargaze::collect {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// A source whose clock differs more is not believed.
constexpr minutes kClockDifferenceMax{5};
// Waits for a limit draw on this, not on the retry budget: they are no failures.
constexpr int kRefusalsMax = 20;
constexpr seconds kBackoffMax{60};
constexpr std::size_t kRedirectsMax = 5;

// A 403 is one of three things: a limit, a repository that GitHub blocks for everybody, or a token
// that may not ask; the last says nothing of the repository.
ErrorKind KindOf(const net::HttpResponse& response, bool refused) {
  const int status = response.status;
  if (status >= 500) return ErrorKind::kUnavailable;
  if (refused || status == 429) return ErrorKind::kRateLimited;
  if (status == 404 || status == 410 || status == 451) return ErrorKind::kNotFound;
  const bool blocked = status == 403 && response.body.find("\"block\":") != std::string::npos;
  if (blocked) return ErrorKind::kNotFound;
  if (status == 401 || status == 403) return ErrorKind::kUnauthorized;
  return ErrorKind::kInvalidInput;
}

// GitHub explains itself in "message"; anything may stand there, so it is cut.
std::string Explanation(const std::string& body) {
  constexpr std::string_view kKey = "\"message\":";
  constexpr std::size_t kShown = 200;
  const std::size_t at = body.find(kKey);
  return at == std::string::npos ? std::string() : ": " + body.substr(at + kKey.size(), kShown);
}

std::string WithoutQuery(const std::string& url) {
  return url.substr(0, url.find('?'));
}

bool IsError(int status) {
  return status >= 400;
}

bool IsRedirect(const net::HttpResponse& response) {
  const int status = response.status;
  return status == 301 || status == 302 || status == 307 || status == 308;
}

Result<std::string> TargetOf(const net::HttpResponse& redirect, const std::string& url) {
  const std::string target(redirect.headers.Find("location").value_or(""));
  if (net::ParseUrl(target).ok()) return target;
  SG_TRY(const net::UrlParts from, net::ParseUrl(url));
  if (target.starts_with('/') && !target.starts_with("//")) return from.origin + target;
  return Error(ErrorKind::kCorrupt,
               fmt::format("a redirect without an address to follow: HTTP {} from {}",
                           redirect.status,
                           WithoutQuery(url)));
}

bool IsJson(const net::HttpResponse& response) {
  const auto type = response.headers.Find("content-type");
  if (!type) return false;
  const std::string_view media_type = type->substr(0, type->find(';'));
  return media_type == "application/json" || media_type.ends_with("+json");
}

}  // namespace

Instant Fetcher::ObservedAt(const net::HttpResponse& response) const {
  const Instant now = deps_.clock.Now();
  const auto text = response.headers.Find("date");
  const auto date = text ? ParseHttpDate(*text) : std::nullopt;
  if (!date || *date > now + kClockDifferenceMax || *date < now - kClockDifferenceMax) return now;
  return *date;
}

Status Fetcher::SleepBeforeRetry(int retry) {
  const seconds delay = std::min(kBackoffMax, seconds(1 << std::min(retry, 6)));
  const Instant until = deps_.clock.Now() + delay;
  if (until > job_.deadline) return Error(ErrorKind::kTimeout, "no time left for another try");
  return deps_.clock.SleepUntil(until, job_.stop);
}

Status Fetcher::AskFor(std::span<const registry::RepositoryRef> repositories) {
  asks_for_ = repositories.empty() ? 0 : repositories.front().repository_id;
  watched_ = std::ranges::any_of(repositories, [this](const registry::RepositoryRef& one) {
    return job_.watched.contains(one.repository_id);
  });
  return ChooseCredential();
}

Status Fetcher::ChooseCredential() {
  SG_TRY(credential_, deps_.credentials.CredentialFor(asks_for_.value_or(0), job_.stop));
  return Ok();
}

Priority Fetcher::PriorityOf(const PageAsk& ask) const {
  if (watched_) return Priority::kWatchlist;
  return job_.backfill || ask.first_fill ? Priority::kBackfill : Priority::kDaily;
}

// The source does not accept the token any more; another one may take the repository over.
Status Fetcher::SetAsideAndChooseAgain() {
  deps_.credentials.SetAside(credential_);
  return ChooseCredential();
}

std::string Fetcher::AcceptOf(const model::Request& request) const {
  std::string accept;
  for (const auto* headers : {&job_.source.headers, &request.headers}) {
    for (const auto& [name, value] : *headers) {
      if (name == "Accept" || name == "accept") accept = value;
    }
  }
  return accept;
}

Result<Page> Fetcher::FetchOnce(const model::Request& request, const PageAsk& ask, bool& refused) {
  const LimitKey limit{.identity = identity(), .resource = request.resource};
  SG_TRY(Grant grant,
         deps_.governor.Acquire({.key = limit,
                                 .priority = PriorityOf(ask),
                                 .units = request.cost,
                                 // A query is sent by POST and still reads only.
                                 .points = request.graphql ? 1 : PointsOf(request.method),
                                 .cpu = ask.cpu,
                                 .deadline = job_.deadline},
                                job_.stop));
  // A redirect would be a request that nobody granted.
  net::HttpRequest outgoing{
      .method = request.method, .url = ask.url, .body = ask.body, .redirects_max = 0};
  for (const auto& [name, value] : job_.source.headers) outgoing.headers.Add(name, value);
  for (const auto& [name, value] : request.headers) outgoing.headers.Add(name, value);
  if (const auto header = credential_.HeaderFor(ask.url))
    outgoing.headers.Add(header->first, header->second);
  if (!ask.etag.empty()) outgoing.headers.Add("if-none-match", ask.etag);
  if (!ask.body.empty()) outgoing.headers.Add("content-type", "application/json");
  ++counts_.sent;
  last_status_ = 0;
  Result<net::HttpResponse> sent = deps_.transport.Send(outgoing, job_.stop);
  // Too large a body is the source's fault; kExhausted is kept for our own disk.
  if (!sent.ok() && sent.error().kind() == ErrorKind::kExhausted)
    return Error(ErrorKind::kCorrupt, sent.error().message());
  if (!sent.ok()) return std::move(sent).error();
  net::HttpResponse response = std::move(sent).value();
  last_status_ = response.status;
  refused = grant.Settle(response).refused;
  counts_.charged += response.status == 304 || response.status == 401 ? 0 : 1;
  if (refused || IsError(response.status)) {
    return Error(KindOf(response, refused),
                 fmt::format("HTTP {} from {}{}",
                             response.status,
                             WithoutQuery(ask.url),
                             Explanation(response.body)));
  }
  return Accepted(request, ask, std::move(response));
}

Result<Page> Fetcher::Accepted(const model::Request& request,
                               const PageAsk& ask,
                               net::HttpResponse response) {
  Page page{.observed_at = ObservedAt(response), .url = ask.url};
  if (IsRedirect(response) && request.method == "GET") {
    page.response = std::move(response);
    return page;
  }
  const bool comes_later =
      std::ranges::find(request.reschedule_when, response.status) != request.reschedule_when.end();
  if (comes_later || (response.status == 304 && !ask.etag.empty())) {
    page.response = std::move(response);
    return page;
  }
  if (response.status != 200) {
    return Error(ErrorKind::kCorrupt,
                 fmt::format("the answer is none that was asked for: HTTP {} from {}",
                             response.status,
                             WithoutQuery(ask.url)));
  }
  if (!IsJson(response)) {
    return Error(ErrorKind::kCorrupt,
                 fmt::format("the response is not JSON by its content-type ({}): {}",
                             response.headers.Find("content-type").value_or("none"),
                             WithoutQuery(ask.url)));
  }
  // Who asks for many ids at once reads the answer itself: it may hold for some of them only.
  if (!request.graphql || request.graphql->ids.empty()) {
    SG_TRY(page.facts, bodies_.Read(response.body, job_.dataset, request));
    if (request.graphql) counts_.charged += page.facts.points - 1;  // Counted as one point.
    if (page.facts.retry)
      return Error(ErrorKind::kUnavailable, "the source calls its answer incomplete");
  }
  page.response = std::move(response);
  return page;
}

Result<Page> Fetcher::FetchUntilAnswered(const model::Request& request,
                                         const PageAsk& ask,
                                         RetryBudget& budget) {
  // A Link may point anywhere; the credential and our trust go to one origin.
  SG_TRY(const net::UrlParts home, net::ParseUrl(job_.base_url));
  SG_TRY(const net::UrlParts target, net::ParseUrl(ask.url));
  if (target.origin != home.origin) {
    return Error(
        ErrorKind::kCorrupt,
        fmt::format(
            "a page points to another origin: {} instead of {}", target.origin, home.origin));
  }
  if (!asks_for_) SG_RETURN_IF_ERROR(AskFor({}));
  for (int refusals = 0;;) {
    bool refused = false;
    Result<Page> page = FetchOnce(request, ask, refused);
    if (page.ok()) return page;
    // Ends: each time one token fewer is left.
    if (last_status_ == 401 && !credential_.token.empty()) {
      SG_RETURN_IF_ERROR(SetAsideAndChooseAgain());
      continue;
    }
    if (refused && ++refusals <= kRefusalsMax) continue;
    const ErrorKind kind = page.error().kind();
    const bool passing = kind == ErrorKind::kUnavailable || kind == ErrorKind::kTimeout ||
                         kind == ErrorKind::kCorrupt;
    if (refused || !passing || !budget.Take()) return page;
    ++counts_.retried;
    SG_RETURN_IF_ERROR(SleepBeforeRetry(budget.taken() - 1));
  }
}

// A redirect is followed here, not in the transport: every request needs a grant of its own.
Result<Page> Fetcher::Fetch(const model::Request& request,
                            const PageAsk& ask,
                            RetryBudget& budget) {
  std::vector<net::Redirect> redirects;
  for (PageAsk next = ask;;) {
    SG_TRY(Page page, FetchUntilAnswered(request, next, budget));
    if (!IsRedirect(page.response)) {
      page.redirects = std::move(redirects);
      return page;
    }
    if (redirects.size() == kRedirectsMax)
      return Error(ErrorKind::kCorrupt,
                   "the source redirects in a circle: " + WithoutQuery(ask.url));
    redirects.push_back({.status = page.response.status, .url = next.url});
    SG_TRY(next.url, TargetOf(page.response, next.url));
  }
}

}  // namespace stargaze::collect
