// What outlives a crash of the simulated scheduler: time, chance, and the truth about its bodies.

#pragma once

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <tuple>

#include "base/testing/hand_clock.h"

namespace stargaze::orchestrate::testing {

using Key = std::tuple<std::string, std::string, std::string, int>;  // DAG, run, task, map.

struct World {
  std::mt19937_64 dice{};
  HandClock clock{};
  std::string broken{};  // The first broken invariant.
  int64_t bodies = 0;

  uint64_t Roll(uint64_t sides) { return dice() % sides; }
  bool OneIn(uint64_t sides) { return Roll(sides) == 0; }
  void Break(const std::string& what) {
    if (broken.empty()) broken = what;
  }
};

}  // namespace stargaze::orchestrate::testing
