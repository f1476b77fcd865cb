// How a run ended, kept in the lake: from there the warehouse's table dag_run and the marts know
// it.

#pragma once

#include <string>

#include "app/instance.h"
#include "model/dag.h"
#include "model/run.h"

namespace stargaze::app {

struct RunSoFar {
  Instant started_at{};
  std::string state{};  // "success", "partial", "failed"
};

// Once per run and state: a run that failed and was mended is journalled again.
Status JournalRun(Instance& instance,
                  const model::Dag& dag,
                  const model::Run& run,
                  const RunSoFar& so_far);

}  // namespace stargaze::app
