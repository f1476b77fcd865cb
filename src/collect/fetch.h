// One page: asked for under the governor, asked for again while the budget lasts, checked before
// anybody uses it.

#pragma once

#include <chrono>
#include <span>
#include <string>

#include "base/retry_budget.h"
#include "collect/body.h"
#include "collect/collect.h"

namespace stargaze::collect {

struct PageAsk {
  std::string url{};
  std::string etag{};                // Of the last answer; then a 304 may come.
  std::string body{};                // GraphQL: sent as JSON.
  std::chrono::milliseconds cpu{0};  // Of the source's, estimated.
  bool first_fill = false;           // Of what has never been collected before.
};

// Status 200, or 304 where an ETag was sent, or one of the request's reschedule_when; the facts are
// only of a 200, and of none that answers for many ids.
struct Page {
  net::HttpResponse response{};
  PageFacts facts{};
  Instant observed_at{};                   // When the source answered.
  std::string url{};                       // That answered in the end.
  std::vector<net::Redirect> redirects{};  // On the way there: a renamed repository, for one.
};

// Not safe for concurrent use.
class Fetcher {
 public:
  Fetcher(const CollectJob& job, const CollectDeps& deps, model::RequestCounts& counts)
      : job_(job), deps_(deps), counts_(counts) {}

  // The error says what the source answered last; `last_status` its status, 0 without an answer.
  Result<Page> Fetch(const model::Request& request, const PageAsk& ask, RetryBudget& budget);
  int last_status() const { return last_status_; }
  // From now on with the credential that the first of these is bound to, and as urgently as the
  // most urgent of them; none: what concerns no repository. kUnauthorized when the source accepts
  // no credential.
  Status AskFor(std::span<const registry::RepositoryRef> repositories);
  // Whose credential asks; does not reveal it.
  const std::string& identity() const { return credential_.identity; }
  // The Accept header that a request is sent with.
  std::string AcceptOf(const model::Request& request) const;

 private:
  Status SetAsideAndChooseAgain();
  Status ChooseCredential();
  Priority PriorityOf(const PageAsk& ask) const;
  Result<Page> FetchUntilAnswered(const model::Request& request,
                                  const PageAsk& ask,
                                  RetryBudget& budget);
  Result<Page> FetchOnce(const model::Request& request, const PageAsk& ask, bool& refused);
  Result<Page> Accepted(const model::Request& request,
                        const PageAsk& ask,
                        net::HttpResponse response);
  Status SleepBeforeRetry(int retry);
  Instant ObservedAt(const net::HttpResponse& response) const;

  const CollectJob& job_;
  const CollectDeps& deps_;
  model::RequestCounts& counts_;
  BodyReader bodies_;
  Credential credential_;
  std::optional<int64_t> asks_for_{};  // Nobody yet; 0: what concerns no repository.
  bool watched_ = false;               // Whom it asks for.
  int last_status_ = 0;
};

}  // namespace stargaze::collect
