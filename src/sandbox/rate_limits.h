// GitHub's primary limits: so many requests or points in a window, for each caller and resource.

#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "base/instant.h"

namespace stargaze::sandbox {

enum class Resource : unsigned char { kCore, kSearch, kGraphql };

std::string_view ResourceName(Resource resource);

struct RateLimitRules {
  int core_per_hour = 5'000;
  int core_per_hour_anonymous = 60;
  int search_per_minute = 30;
  int graphql_points_per_hour = 5'000;  // Anonymous callers have none.
  int search_per_minute_anonymous = 10;
};

struct Quota {
  Resource resource = Resource::kCore;
  int limit = 0;
  int used = 0;
  int64_t reset_seconds = 0;  // Unix time at which a new window may begin.
  bool granted = true;
  bool blocked = false;  // Refused because of an earlier secondary limit, not for lack of quota.

  int remaining() const { return limit - used; }
};

// Safe for concurrent use. Keeps at most 4,096 callers; further ones share a quota.
class RateLimits {
 public:
  explicit RateLimits(const RateLimitRules& rules) : rules_(rules) {}

  // Charges one request, or the points of a query. `caller` identifies the token, empty: anonymous.
  // Grants all of `amount` or nothing.
  Quota Take(Resource resource, const std::string& caller, Instant now, int amount = 1);
  // Charges what was granted more than it asked for: at most what remains.
  Quota Surcharge(Resource resource, const std::string& caller, Instant now, int amount);
  // Gives back what the newest Take charged: the answer was a 304.
  Quota Refund(Resource resource, const std::string& caller, Instant now);
  // What a request would find, without charging.
  Quota Peek(Resource resource, const std::string& caller, Instant now);
  // Refuses the caller's every request until then, as a secondary limit does.
  void Block(const std::string& caller, Instant until);

 private:
  struct Window {
    int used = 0;
    int64_t reset_seconds = 0;
  };
  struct Caller {
    Window core{};
    Window search{};
    Window graphql{};
    Instant blocked_until{};
  };

  // The mutex is held.
  Caller& Of(const std::string& caller);
  Window& Current(Caller& caller, Resource resource, Instant now);
  int LimitOf(Resource resource, const std::string& caller) const;
  Quota Describe(Resource resource, const std::string& caller, Instant now);

  RateLimitRules rules_;
  std::mutex mutex_;
  std::map<std::string, Caller> callers_;
};

}  // namespace stargaze::sandbox
