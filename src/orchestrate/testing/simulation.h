// The scheduler in virtual time, with everything going wrong from one seed.

#pragma once

#include <cstdint>
#include <string>

#include "base/result.h"

namespace stargaze::orchestrate::testing {

struct SimulationReport {
  int64_t steps = 0;
  int64_t runs = 0;
  int64_t tries = 0;
  int64_t crashes = 0;
  int64_t operations = 0;
};

// Random DAGs, failures, timeouts, reschedules, clock jumps, what people do to runs, and crashes
// between any two writes, in `folder`. Checks the invariants after every step; an error names the
// one that broke. Deterministic.
Result<SimulationReport> Simulate(uint64_t seed, const std::string& folder);

}  // namespace stargaze::orchestrate::testing
