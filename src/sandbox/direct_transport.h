// A simulated GitHub without a network: for whole programs in virtual time.

#pragma once

#include "base/clock.h"
#include "net/http_client.h"
#include "sandbox/github_api.h"

namespace stargaze::sandbox {

// Gives what a client of a server would get: bodies that break off are kUnavailable, slow ones take
// their time on the clock and end as kTimeout at the request's deadline, endless ones are
// kExhausted.
class DirectTransport final : public net::HttpTransport {
 public:
  // Both outlive the object.
  DirectTransport(GitHubApi& api, Clock& clock) : api_(api), clock_(clock) {}

  Result<net::HttpResponse> Send(const net::HttpRequest& request,
                                 const std::stop_token& stop) override;

 private:
  Result<std::string> Drain(const net::HttpRequest& request,
                            PacedResponse& served,
                            const std::stop_token& stop);

  GitHubApi& api_;
  Clock& clock_;
};

}  // namespace stargaze::sandbox
