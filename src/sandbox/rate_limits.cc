#include "sandbox/rate_limits.h"

#include <algorithm>

namespace stargaze::sandbox {
namespace {

constexpr std::size_t kCallersMax = 4'096;

int64_t WindowSeconds(Resource resource) {
  return resource == Resource::kSearch ? 60 : 3'600;
}

int64_t UnixSeconds(Instant instant) {
  return std::chrono::floor<std::chrono::seconds>(instant).time_since_epoch().count();
}

}  // namespace

std::string_view ResourceName(Resource resource) {
  switch (resource) {
    case Resource::kCore:
      return "core";
    case Resource::kSearch:
      return "search";
    case Resource::kGraphql:
      return "graphql";
  }
  return "core";
}

Quota RateLimits::Take(Resource resource, const std::string& caller, Instant now, int amount) {
  const std::lock_guard lock(mutex_);
  Quota quota = Describe(resource, caller, now);
  quota.blocked = now < Of(caller).blocked_until;
  quota.granted = !quota.blocked && quota.used + amount <= quota.limit;
  if (quota.granted) quota.used = Current(Of(caller), resource, now).used += amount;
  return quota;
}

Quota RateLimits::Surcharge(Resource resource, const std::string& caller, Instant now, int amount) {
  const std::lock_guard lock(mutex_);
  Window& window = Current(Of(caller), resource, now);
  window.used = std::min(window.used + amount, LimitOf(resource, caller));
  return Describe(resource, caller, now);
}

Quota RateLimits::Refund(Resource resource, const std::string& caller, Instant now) {
  const std::lock_guard lock(mutex_);
  Window& window = Current(Of(caller), resource, now);
  window.used = std::max(0, window.used - 1);
  return Describe(resource, caller, now);
}

Quota RateLimits::Peek(Resource resource, const std::string& caller, Instant now) {
  const std::lock_guard lock(mutex_);
  return Describe(resource, caller, now);
}

void RateLimits::Block(const std::string& caller, Instant until) {
  const std::lock_guard lock(mutex_);
  Instant& blocked_until = Of(caller).blocked_until;
  blocked_until = std::max(blocked_until, until);
}

RateLimits::Caller& RateLimits::Of(const std::string& caller) {
  static const std::string kEverybodyElse = "(everybody else)";
  const bool is_known = callers_.contains(caller);
  return callers_[is_known || callers_.size() < kCallersMax ? caller : kEverybodyElse];
}

RateLimits::Window& RateLimits::Current(Caller& caller, Resource resource, Instant now) {
  Window& window = resource == Resource::kSearch    ? caller.search
                   : resource == Resource::kGraphql ? caller.graphql
                                                    : caller.core;
  const int64_t seconds = UnixSeconds(now);
  if (seconds >= window.reset_seconds)
    window = {.used = 0, .reset_seconds = seconds + WindowSeconds(resource)};
  return window;
}

int RateLimits::LimitOf(Resource resource, const std::string& caller) const {
  if (resource == Resource::kSearch) {
    return caller.empty() ? rules_.search_per_minute_anonymous : rules_.search_per_minute;
  }
  if (resource == Resource::kGraphql) return caller.empty() ? 0 : rules_.graphql_points_per_hour;
  return caller.empty() ? rules_.core_per_hour_anonymous : rules_.core_per_hour;
}

Quota RateLimits::Describe(Resource resource, const std::string& caller, Instant now) {
  const Window& window = Current(Of(caller), resource, now);
  return {.resource = resource,
          .limit = LimitOf(resource, caller),
          .used = window.used,
          .reset_seconds = window.reset_seconds};
}

}  // namespace stargaze::sandbox
