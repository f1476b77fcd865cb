// What the runner of the first version runs: a Dag without its limits. Goes away with that runner.

#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/dag.h"

namespace stargaze::model {

struct PipelineTask {
  std::string id{};
  std::string uses{};  // What the task does: "collect", "refine", "load", "follow", …
  std::map<std::string, std::string> with{};  // Parameters of `uses`.
  std::vector<std::string> after{};           // Ids of the tasks that must have succeeded.
  int retries = 1;
};

struct Pipeline {
  std::string dag_id{};
  std::string summary{};
  std::string schedule{};  // Cron, five fields, UTC; empty: only by hand.
  std::vector<PipelineTask> tasks{};
  std::string file{};  // Where it was read from; empty: generated for datasets that name it.
};

// Indices of the tasks so that each comes after those it waits for, otherwise as declared.
// kInvalidInput names an unknown task, an id that two tasks have, or the circle.
Result<std::vector<std::size_t>> TaskOrder(const Pipeline& pipeline);

// The schedule of any kind but cron is lost: by hand only.
Pipeline FromDag(const Dag& dag);

}  // namespace stargaze::model
