// What an identity spent in the last minute: sums that are kept, not counted anew for each request,
// and the entries they will lose.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>

#include "base/instant.h"

namespace stargaze::collect {

struct Spent {
  Instant at{};
  int64_t points = 0;
  int64_t cpu_ms = 0;
  bool graphql = false;
};

// Points by kind of request: the source limits each by itself, and their CPU together.
struct SpentSums {
  int64_t rest_points = 0;
  int64_t graphql_points = 0;
  int64_t cpu_ms = 0;  // Both kinds.
  int64_t graphql_cpu_ms = 0;

  void Add(const Spent& spent, int64_t sign = 1);
};

/// Not safe for concurrent use. Some 1,200 entries at most: what is spent in the same tenth of a
/// second shares one, and leaves with the last of it.
class LastMinute {
 public:
  static constexpr std::chrono::minutes kSpan{1};

  // Not before what was added last.
  void Add(const Spent& spent);
  // Lets go of what is a minute old.
  void Forget(Instant now);
  // The clock went back.
  void MoveBack(std::chrono::microseconds back);

  const SpentSums& sums() const { return sums_; }
  const std::deque<Spent>& entries() const { return entries_; }  // Oldest first.

 private:
  std::deque<Spent> entries_{};
  SpentSums sums_{};
};

}  // namespace stargaze::collect
