// GitHub's secondary limits: how many requests at once, points a minute, seconds of CPU a minute.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"

namespace stargaze::sandbox {

// What a caller did that the limits forbid.
enum class ViolationKind : unsigned char {
  kQuota,          // Sent while nothing remained in a primary window.
  kBlocked,        // Sent before the end of a secondary limit.
  kConcurrency,    // Too many at once, REST and GraphQL together.
  kRestPoints,     // Too many REST points within 60 seconds.
  kGraphqlPoints,  // Likewise for GraphQL.
  kCpu,            // Too much CPU time within 60 seconds.
};
inline constexpr std::size_t kViolationKinds = 6;

// "quota", "blocked", "concurrency", "rest_points", "graphql_points", "cpu".
std::string_view ViolationName(ViolationKind kind);

struct SecondaryRules {
  int concurrent_max = 100;
  int64_t rest_points_per_minute = 900;
  int64_t graphql_points_per_minute = 2'000;
  int64_t cpu_ms_per_minute = 90'000;
};

// What one request weighs.
struct Weight {
  bool is_graphql = false;
  int64_t points = 1;  // A query counts 1, a read of REST 1, a write 5.
  int64_t cpu_ms = 0;
};

// Points and CPU are counted in a window that slides by whole seconds. Safe for concurrent use.
// Keeps at most 4,096 callers; further ones share.
class SecondaryLimits {
 public:
  explicit SecondaryLimits(const SecondaryRules& rules) : rules_(rules) {}

  // Begins a request: nullopt when it may run, or what it violates. Leave() ends it either way.
  std::optional<ViolationKind> Enter(const std::string& caller);
  void Leave(const std::string& caller);

  // Charges what a request that runs costs; the kind of limit that it exceeds is not charged.
  std::optional<ViolationKind> Charge(const std::string& caller, const Weight& weight, Instant now);

 private:
  static constexpr std::size_t kSeconds = 60;

  class Window {
   public:
    int64_t Sum(int64_t second);
    void Add(int64_t second, int64_t amount);

   private:
    void Slide(int64_t second);

    std::array<int64_t, kSeconds> amounts_{};
    int64_t second_ = 0;
    int64_t sum_ = 0;
  };

  struct Caller {
    int running = 0;
    Window rest{};
    Window graphql{};
    Window cpu{};
  };

  Caller& Of(const std::string& caller);  // The mutex is held.

  SecondaryRules rules_;
  std::mutex mutex_;
  std::map<std::string, Caller> callers_;
};

}  // namespace stargaze::sandbox
