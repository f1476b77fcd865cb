// When a task may run, by the states of the tasks before it: Airflow's 12 rules, as a pure
// function.

#pragma once

#include <cstdint>

#include "model/dag.h"
#include "orchestrate/run_state.h"

namespace stargaze::orchestrate {

// Instances of the upstream tasks, counted: a mapped task counts once per instance, and once as
// long as it is not known how many it has. Kept up to date by whoever changes a state, so that a
// decision costs the same at any size.
struct UpstreamCounts {
  int64_t total = 0;
  int64_t success = 0;
  int64_t failed = 0;
  int64_t upstream_failed = 0;
  int64_t skipped = 0;
  int64_t removed = 0;

  int64_t done() const { return success + failed + upstream_failed + skipped + removed; }
  // `count` instances left `from` for `to`; states that are not final count only in the total.
  void Move(InstanceState from, InstanceState to, int64_t count = 1);
};

enum class Decision : uint8_t { kWait, kRun, kSkip, kUpstreamFailed };

// Skip and upstream_failed are said as soon as nothing can change them. Removed instances do not
// count for a mapped task; for any other they are done, and neither success nor failure.
Decision Decide(model::TriggerRule rule, const UpstreamCounts& counts, bool mapped);

}  // namespace stargaze::orchestrate
