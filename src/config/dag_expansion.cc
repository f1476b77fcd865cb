#include "config/dag_expansion.h"

#include <algorithm>
#include <cstddef>
#include <limits>
#include <utility>

namespace stargaze::config {
namespace {

using model::DagTask;
using model::Dataset;
using model::TriggerRule;

std::vector<std::string> ExpandedAfter(const std::vector<std::string>& after,
                                       const std::unordered_set<std::string>& for_each_dataset,
                                       const std::vector<const Dataset*>& datasets) {
  std::vector<std::string> expanded;
  for (const std::string& id : after) {
    if (!for_each_dataset.contains(id)) {
      expanded.push_back(id);
      continue;
    }
    for (const Dataset* dataset : datasets) expanded.push_back(id + "_" + dataset->ShortName());
  }
  return expanded;
}

}  // namespace

std::vector<const Dataset*> DatasetsOf(const model::Catalog& catalog, const std::string& dag_id) {
  std::vector<const Dataset*> datasets;
  for (const Dataset& dataset : catalog.datasets) {
    if (dataset.dag == dag_id) datasets.push_back(&dataset);
  }
  return datasets;
}

std::vector<DagTask> Expanded(const std::vector<DagTask>& tasks,
                              const std::unordered_set<std::string>& for_each_dataset,
                              const std::vector<const Dataset*>& datasets,
                              const DagRules& rules,
                              std::size_t limit) {
  std::vector<DagTask> expanded;
  for (DagTask task : tasks) {
    if (expanded.size() > limit) break;
    task.after = ExpandedAfter(task.after, for_each_dataset, datasets);
    if (!for_each_dataset.contains(task.id)) {
      expanded.push_back(std::move(task));
      continue;
    }
    for (const Dataset* dataset : datasets) {
      DagTask& one = expanded.emplace_back(task);
      one.id += "_" + dataset->ShortName();
      one.with["dataset"] = dataset->name;
      if (one.for_each.empty() && rules.for_each_of)
        one.for_each = rules.for_each_of(one, *dataset);
    }
  }
  return expanded;
}

model::Dag DefaultDag(const std::string& dag_id,
                      const model::Catalog& catalog,
                      const std::vector<model::Pool>& pools,
                      const DagRules& rules) {
  std::vector<DagTask> tasks{{.id = "collect", .uses = "collect"},
                             {.id = "refine", .uses = "refine", .after = {"collect"}},
                             {.id = "load", .uses = "load", .after = {"refine"}},
                             {.id = "journal",
                              .uses = "journal",
                              .after = {"load"},
                              .trigger_rule = TriggerRule::kAllDone},
                             {.id = "publish", .uses = "publish", .after = {"journal"}}};
  // The tasks after a failed one end the run well; this one says that it has not.
  tasks.push_back({.id = "watch",
                   .uses = "fail",
                   .after = {"collect", "refine", "load"},
                   .trigger_rule = TriggerRule::kOneFailed,
                   .retries = 0});
  if (std::ranges::find(pools, rules.collect_pool, &model::Pool::name) != pools.end())
    tasks.front().pool = rules.collect_pool;
  return {.dag_id = dag_id,
          .summary = "Collects the datasets that name it.",
          .tasks = Expanded(tasks,
                            {"collect"},
                            DatasetsOf(catalog, dag_id),
                            rules,
                            std::numeric_limits<std::size_t>::max())};
}

}  // namespace stargaze::config
