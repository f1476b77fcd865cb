#include "orchestrate/stored_views.h"

#include <algorithm>
#include <array>
#include <utility>

namespace stargaze::orchestrate {
namespace {

InstanceState MostTelling(const StateCounts& counts) {
  constexpr std::array kOrder{InstanceState::kFailed,
                              InstanceState::kUpForRetry,
                              InstanceState::kRunning,
                              InstanceState::kQueued,
                              InstanceState::kUpForReschedule,
                              InstanceState::kScheduled,
                              InstanceState::kUpstreamFailed,
                              InstanceState::kNone,
                              InstanceState::kSuccess,
                              InstanceState::kSkipped,
                              InstanceState::kRemoved};
  for (const InstanceState state : kOrder)
    if (CountOf(counts, state) > 0) return state;
  return InstanceState::kNone;
}

using Pools = std::map<std::string, PoolView>;

void AddRun(Pools& pools, const model::Dag& dag, const std::map<std::string, StateCounts>& counts) {
  for (const model::DagTask& task : dag.tasks) {
    const auto of_task = counts.find(task.id);
    const auto pool = pools.find(task.pool);
    if (of_task == counts.end() || pool == pools.end()) continue;
    const auto count = [&](InstanceState state) { return CountOf(of_task->second, state); };
    pool->second.running += count(InstanceState::kRunning) * task.pool_slots;
    pool->second.scheduled += count(InstanceState::kScheduled);
    pool->second.deferred +=
        count(InstanceState::kUpForRetry) + count(InstanceState::kUpForReschedule);
  }
}

}  // namespace

TaskView ViewOf(const model::DagTask& declared, const StateCounts& counts, bool expanded) {
  return {.task_id = declared.id,
          .group = declared.group,
          .mapped = !declared.for_each.empty(),
          .expanded = expanded,
          .instances = counts,
          .state = MostTelling(counts)};
}

std::vector<TaskView> StoredTasks(const model::Dag* dag,
                                  std::map<std::string, StateCounts> counts) {
  std::vector<TaskView> views;
  for (const model::DagTask& task : dag != nullptr ? dag->tasks : std::vector<model::DagTask>()) {
    StateCounts& of_task = counts[task.id];
    if (std::all_of(of_task.begin(), of_task.end(), [](int64_t count) { return count == 0; }))
      CountOf(of_task, InstanceState::kNone) = 1;
    views.push_back(ViewOf(task, of_task, true));
    counts.erase(task.id);
  }
  for (const auto& [task_id, of_task] : counts) {  // No longer declared.
    model::DagTask gone;
    gone.id = task_id;
    views.push_back(ViewOf(gone, of_task, true));
  }
  return views;
}

Result<std::vector<PoolView>> StoredPools(RunQueries& queries,
                                          const std::vector<model::Dag>& dags,
                                          const std::vector<PoolSetting>& declared) {
  SG_TRY(std::vector<PoolSetting> settings, queries.Pools());
  settings.insert(settings.end(), declared.begin(), declared.end());
  Pools pools;
  for (const PoolSetting& setting : settings)
    pools.try_emplace(
        setting.name,
        PoolView{.name = setting.name, .slots = setting.slots, .description = setting.description});
  for (RunFilter filter{.state = DagRunState::kRunning, .limit = 1000};;) {
    SG_TRY(const RunPage page, queries.Runs(filter));
    for (const RunView& run : page.runs) {
      const auto dag = std::ranges::find(dags, run.run.dag_id, &model::Dag::dag_id);
      if (dag == dags.end()) continue;
      SG_TRY(const auto counts, queries.Counts(run.run.dag_id, run.run.run_id));
      AddRun(pools, *dag, counts);
    }
    filter.before = page.next;
    if (!page.next) break;
  }
  std::vector<PoolView> listed;
  for (auto& [name, pool] : pools) listed.push_back(std::move(pool));
  return listed;
}

}  // namespace stargaze::orchestrate
