// A DAG made ready for running: indices instead of names, who comes after whom, weights.

#pragma once

#include <cstddef>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/dag.h"

namespace stargaze::orchestrate {

struct PlannedTask {
  std::vector<std::size_t> upstream{};    // Indices into Dag::tasks.
  std::vector<std::size_t> downstream{};  // Each after the other is named once.
  int64_t priority = 1;                   // By its weight rule.

  bool leaf() const { return downstream.empty(); }
};

// Immutable and shared: a run keeps the plan that it began with, also when the file changes.
struct DagPlan {
  model::Dag dag{};
  std::vector<PlannedTask> tasks{};  // Beside dag.tasks.
  std::vector<std::size_t> order{};  // Each after those it waits for.

  // dag.tasks.size() when there is none.
  std::size_t IndexOf(std::string_view task_id) const;
  // The tasks given, with everything before or after them as asked, ascending.
  std::vector<std::size_t> Closure(const std::vector<std::size_t>& from,
                                   bool upstream,
                                   bool downstream) const;
};

// kInvalidInput names an unknown task, a doubled id, a circle, or a mapped task whose rule is
// `always` (it would have to run before it is known how often).
Result<std::shared_ptr<const DagPlan>> PlanDag(model::Dag dag);

}  // namespace stargaze::orchestrate
