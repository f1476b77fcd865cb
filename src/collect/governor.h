// Grants requests: no request is sent that it did not grant. Keyed by who asks (a credential's
// identity) and by the source's rate-limit resource.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <stop_token>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_client.h"

namespace stargaze::collect {

struct LimitKey {
  std::string identity{};  // Never the credential itself.
  std::string resource{};  // "search", "core"
  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the comparison with 0 for a
  // pointer's.
  auto operator<=>(const LimitKey&) const = default;
};

// Safe for concurrent use.
class Governor {
 public:
  explicit Governor(Clock& clock) : clock_(clock) {}

  // Requests a minute to go by until an answer's headers tell better.
  void Assume(const LimitKey& key, int requests_per_minute);

  // Waits until one request may be sent, and takes it. kRateLimited with the wait when that would
  // be after `deadline`; kCancelled on `stop`.
  Status Acquire(const LimitKey& key, Instant deadline, const std::stop_token& stop);

  // Learns from an answer: x-ratelimit-*, retry-after, 403 and 429. True when the answer says "not
  // now", so that the request has to be made again.
  bool Observe(const LimitKey& key, const net::HttpResponse& response);

  // Waited so far, over all keys.
  std::chrono::microseconds waited() const;

 private:
  struct Limit {
    int64_t limit = 60;
    int64_t remaining = 60;
    Instant reset_at{};       // The count begins anew then; the epoch: not known yet.
    Instant blocked_until{};  // Nothing at all before then.
    int refusals = 0;         // In a row without a word on how long to wait.
  };

  Instant WhenFree(Limit& limit, Instant now) const;

  Clock& clock_;
  mutable std::mutex mutex_;
  std::map<LimitKey, Limit> limits_;
  std::chrono::microseconds waited_{0};
};

}  // namespace stargaze::collect
