// Grants requests: no request is sent that it did not grant. Keyed by who asks (a credential's
// identity) and by the source's rate-limit resource.

#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "collect/last_minute.h"
#include "collect/rate_answer.h"
#include "net/http_client.h"

namespace stargaze::collect {

class Governor;

struct LimitKey {
  std::string identity{};  // Never the credential itself.
  std::string resource{};  // "search", "core"
  // clang-tidy 14 takes the comparison with 0 for a pointer's.
  // NOLINTNEXTLINE(modernize-use-nullptr)
  auto operator<=>(const LimitKey&) const = default;
};

enum class Priority : unsigned char { kWatchlist, kDaily, kBackfill };

// What one request needs.
struct Ask {
  LimitKey key{};
  Priority priority = Priority::kDaily;
  int64_t units = 1;                 // Of the hourly limit: 1, or a GraphQL query's points.
  int64_t points = 1;                // Of the limit a minute: PointsOf(method).
  std::chrono::milliseconds cpu{0};  // Of the source's, estimated.
  Instant deadline{};
};

// GitHub counts 1 for a read and 5 for a write.
int64_t PointsOf(std::string_view method);

struct Verdict {
  bool refused = false;    // "Not now": the same request has to be asked for and made again.
  std::string resource{};  // That the source counted it in, where it says so.
};

// The right to send one request. Whoever destroys it unsettled has sent the request and does not
// know what became of it. Must not outlive its governor.
class Grant {
 public:
  Grant(Grant&& other) noexcept;
  Grant& operator=(Grant&&) = delete;
  ~Grant();

  // Learns from the answer. `cpu` is what the source says it took, where it does.
  Verdict Settle(const net::HttpResponse& response,
                 std::optional<std::chrono::milliseconds> cpu = std::nullopt);
  // The request was not sent: nothing is counted.
  void NotSent();

 private:
  friend class Governor;
  Grant(Governor& governor, Ask ask, Instant at, int64_t lost_before)
      : governor_(&governor), ask_(std::move(ask)), at_(at), lost_before_(lost_before) {}

  Governor* governor_;  // Null once settled or moved from.
  Ask ask_;
  Instant at_;
  int64_t lost_before_;  // Of its window, see there.
};

// What GitHub allows each identity beside the hourly limits (its secondary limits).
struct GovernorLimits {
  int concurrent = 100;
  int64_t rest_points_per_minute = 900;
  int64_t graphql_points_per_minute = 2000;
  std::chrono::milliseconds cpu_per_minute{90'000};
  std::chrono::milliseconds graphql_cpu_per_minute{60'000};
};

/// Safe for concurrent use. Waits through the Clock; a clock that goes back moves all limits with
/// it, and one that goes forward costs one refused request at most: the first of a window goes
/// alone.
class Governor {
 public:
  explicit Governor(Clock& clock, GovernorLimits limits = {}) : clock_(clock), limits_(limits) {}

  // Requests a minute to go by until an answer's headers tell better.
  void Assume(const LimitKey& key, int requests_per_minute);

  // Waits until the request may be sent. kRateLimited with the wait when that would be after the
  // deadline; kCancelled on `stop`.
  Result<Grant> Acquire(const Ask& ask, const std::stop_token& stop);

  // Waited so far, over all keys.
  std::chrono::microseconds waited() const;

  // What is known, for the next process: no secret in it. Restore reads what Snapshot wrote;
  // kCorrupt otherwise, and nothing is changed.
  std::string Snapshot() const;
  Status Restore(std::string_view snapshot);
  // Calls `tell` after every answer, from the thread that settles it and without a lock held: when
  // to write a snapshot. Set while nobody asks.
  void WhenSettled(std::function<void(bool refused)> tell) { tell_ = std::move(tell); }

 private:
  friend class Grant;

  // One hourly limit (or that of a minute, for search).
  struct Window {
    int64_t limit = 60;
    int64_t remaining = 60;
    int64_t in_flight = 0;
    int64_t lost = 0;   // Spent without a word of what is left, ever.
    int64_t reset = 0;  // As the source said it: tells windows apart.
    Instant ends_at{};  // By our clock.
    Instant blocked_until{};
    bool confirmed = false;         // By an answer; until then one request at a time.
    std::array<int64_t, 3> used{};  // By priority.
  };
  // What holds for all resources of an identity.
  struct Identity {
    int64_t concurrent = 0;
    Spent in_flight_rest{.graphql = false};
    Spent in_flight_graphql{.graphql = true};
    LastMinute spent{};
    Instant blocked_until{};
    Instant refused_at{};
    int refusals = 0;  // In a row without a word on how long to wait.
  };
  struct Waiter {
    const Ask& ask;
    int64_t ticket = 0;
    std::stop_source wake{};
  };
  enum class Ending : unsigned char { kAnswered, kLost, kNotSent };

  // All with mutex_ held.
  Instant Now();
  std::optional<Instant> WhenFree(const Ask& ask, Instant now);
  Instant WhenMinuteFree(const Ask& ask, Identity& identity, Instant now) const;
  int64_t KeptFromOthers(const Window& window, Priority priority, Instant now) const;
  bool SomebodyIsAhead(const Waiter& waiter, Instant now);
  Grant Take(const Ask& ask, Instant now);
  void Learn(const Ask& ask, const RateAnswer& answer, Instant now);
  void Refuse(const Ask& ask, const RateAnswer& answer, Instant granted_at, Instant now);
  void Release(const Ask& ask, Ending ending, std::chrono::milliseconds cpu, Instant now);
  void WakeAll();
  Verdict Settle(const Grant& grant,
                 const net::HttpResponse& response,
                 std::optional<std::chrono::milliseconds> cpu);  // Takes mutex_.

  Clock& clock_;
  const GovernorLimits limits_;
  std::function<void(bool refused)> tell_{};
  mutable std::mutex mutex_;
  Instant latest_{};
  std::map<LimitKey, Window> windows_;
  std::map<std::string, Identity> identities_;
  std::vector<Waiter*> waiters_;
  int64_t tickets_ = 0;
  std::chrono::microseconds waited_{0};
};

}  // namespace stargaze::collect
