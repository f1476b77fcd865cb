// What outlives a crash of the simulated scheduler: time, chance, and the truth about its bodies.

#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <tuple>

#include "base/clock.h"

namespace stargaze::orchestrate::testing {

class JumpingClock final : public Clock {
 public:
  Instant Now() const override { return now_; }
  Status SleepUntil(Instant instant, const std::stop_token&) override {
    now_ = std::max(now_, instant);
    return Ok();
  }
  void Set(Instant now) { now_ = now; }

 private:
  Instant now_{std::chrono::sys_days(std::chrono::year(2026) / 9 / 1)};
};

using Key = std::tuple<std::string, std::string, std::string, int>;  // DAG, run, task, map.

struct World {
  std::mt19937_64 dice{};
  JumpingClock clock{};
  std::string broken{};  // The first broken invariant.
  int64_t bodies = 0;

  uint64_t Roll(uint64_t sides) { return dice() % sides; }
  bool OneIn(uint64_t sides) { return Roll(sides) == 0; }
  void Break(const std::string& what) {
    if (broken.empty()) broken = what;
  }
};

}  // namespace stargaze::orchestrate::testing
