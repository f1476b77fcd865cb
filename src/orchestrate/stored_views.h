// Tasks and pools as the store alone tells them: of ended runs, and for those who only read.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "model/dag.h"
#include "orchestrate/run_queries.h"
#include "orchestrate/run_views.h"

namespace stargaze::orchestrate {

TaskView ViewOf(const model::DagTask& declared, const StateCounts& counts, bool expanded);

// In the DAG's order, then what it no longer declares; `dag` is null when nobody declares it.
std::vector<TaskView> StoredTasks(const model::Dag* dag, std::map<std::string, StateCounts> counts);

// The store's pools and those of `declared` that it lacks, with what the runs under way take.
Result<std::vector<PoolView>> StoredPools(RunQueries& queries,
                                          const std::vector<model::Dag>& dags,
                                          const std::vector<PoolSetting>& declared);

}  // namespace stargaze::orchestrate
