// The tasks that datasets bring to the DAG that they name.

#pragma once

#include <string>
#include <unordered_set>
#include <vector>

#include "config/dag_rules.h"
#include "model/dag.h"
#include "model/dataset.h"

namespace stargaze::config {

std::vector<const model::Dataset*> DatasetsOf(const model::Catalog& catalog,
                                              const std::string& dag_id);

// Puts one task `<id>_<dataset>` for each dataset in the place of each task whose id is in
// `for_each_dataset`; what comes after such a task comes after all of them. At most `limit` tasks
// are made: more than that means too many.
std::vector<model::DagTask> Expanded(const std::vector<model::DagTask>& tasks,
                                     const std::unordered_set<std::string>& for_each_dataset,
                                     const std::vector<const model::Dataset*>& datasets,
                                     const DagRules& rules,
                                     std::size_t limit);

// What datasets get that name a DAG which no file declares: collect, refine, load, by hand only.
model::Dag DefaultDag(const std::string& dag_id,
                      const model::Catalog& catalog,
                      const std::vector<model::Pool>& pools,
                      const DagRules& rules);

}  // namespace stargaze::config
