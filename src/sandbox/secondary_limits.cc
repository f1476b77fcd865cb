#include "sandbox/secondary_limits.h"

#include <algorithm>

namespace stargaze::sandbox {
namespace {

constexpr std::size_t kCallersMax = 4'096;

}  // namespace

std::string_view ViolationName(ViolationKind kind) {
  constexpr std::array<std::string_view, kViolationKinds> kNames = {
      "quota", "blocked", "concurrency", "rest_points", "graphql_points", "cpu"};
  return kNames[static_cast<std::size_t>(kind)];
}

std::optional<ViolationKind> SecondaryLimits::Enter(const std::string& caller) {
  const std::lock_guard lock(mutex_);
  return ++Of(caller).running > rules_.concurrent_max ? std::optional(ViolationKind::kConcurrency)
                                                      : std::nullopt;
}

void SecondaryLimits::Leave(const std::string& caller) {
  const std::lock_guard lock(mutex_);
  --Of(caller).running;
}

std::optional<ViolationKind> SecondaryLimits::Charge(const std::string& caller,
                                                     const Weight& weight,
                                                     Instant now) {
  const int64_t second = std::chrono::floor<std::chrono::seconds>(now).time_since_epoch().count();
  const std::lock_guard lock(mutex_);
  Caller& one = Of(caller);
  Window& points = weight.is_graphql ? one.graphql : one.rest;
  const int64_t points_max =
      weight.is_graphql ? rules_.graphql_points_per_minute : rules_.rest_points_per_minute;
  if (points.Sum(second) + weight.points > points_max)
    return weight.is_graphql ? ViolationKind::kGraphqlPoints : ViolationKind::kRestPoints;
  if (one.cpu.Sum(second) + weight.cpu_ms > rules_.cpu_ms_per_minute) return ViolationKind::kCpu;
  points.Add(second, weight.points);
  one.cpu.Add(second, weight.cpu_ms);
  return std::nullopt;
}

// Forgets what is a minute old. Time that went back counts as the newest second.
void SecondaryLimits::Window::Slide(int64_t second) {
  for (int64_t steps = 0; second_ < second && steps < static_cast<int64_t>(kSeconds); ++steps) {
    int64_t& oldest = amounts_[static_cast<std::size_t>(++second_) % kSeconds];
    sum_ -= oldest;
    oldest = 0;
  }
  second_ = std::max(second_, second);
}

int64_t SecondaryLimits::Window::Sum(int64_t second) {
  Slide(second);
  return sum_;
}

void SecondaryLimits::Window::Add(int64_t second, int64_t amount) {
  Slide(second);
  amounts_[static_cast<std::size_t>(second_) % kSeconds] += amount;
  sum_ += amount;
}

SecondaryLimits::Caller& SecondaryLimits::Of(const std::string& caller) {
  static const std::string kEverybodyElse = "(everybody else)";
  const bool is_known = callers_.contains(caller);
  return callers_[is_known || callers_.size() < kCallersMax ? caller : kEverybodyElse];
}

}  // namespace stargaze::sandbox
