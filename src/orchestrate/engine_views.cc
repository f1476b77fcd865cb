// What the engine shows of its memory.

#include <algorithm>
#include <utility>

#include "orchestrate/engine.h"
#include "orchestrate/stored_views.h"

namespace stargaze::orchestrate {

std::vector<DagView> Engine::GetDags() const {
  std::vector<DagView> views;
  for (const auto& [dag_id, number] : dag_numbers_) {
    const DagState& dag = *dags_[number];
    views.push_back({.dag_id = dag_id,
                     .declared = dag.declared,
                     .paused = dag.stored.paused,
                     .active_runs = static_cast<int>(dag.active.size()),
                     .last_logical_date = dag.stored.last_logical_date,
                     .next_due = dag.next_due});
  }
  return views;
}

std::vector<PoolView> Engine::GetPools() const {
  std::map<std::string, PoolView> views;
  for (const auto& [name, pool] : pools_)
    views[name] = {.name = name,
                   .slots = pool.setting.slots,
                   .running = pool.running,
                   .queued = pool.queued,
                   .description = pool.setting.description};
  for (const auto& [number, run] : runs_) {
    for (std::size_t i = 0; i < run->size(); ++i) {
      const auto view = views.find(run->declared(i).pool);
      if (view == views.end()) continue;
      const RunTask& task = run->task(i);
      view->second.scheduled += task.Count(InstanceState::kScheduled);
      view->second.deferred +=
          task.Count(InstanceState::kUpForRetry) + task.Count(InstanceState::kUpForReschedule);
    }
  }
  std::vector<PoolView> listed;
  for (auto& [name, view] : views) listed.push_back(std::move(view));
  return listed;
}

std::optional<std::vector<TaskView>> Engine::GetTasks(const std::string& dag_id,
                                                      const std::string& run_id) const {
  const auto at = dag_numbers_.find(dag_id);
  if (at == dag_numbers_.end()) return std::nullopt;
  for (const int64_t number : dags_[at->second]->active) {
    const ActiveRun& run = *runs_.at(number);
    if (run.stored.view.run.run_id != run_id) continue;
    std::vector<TaskView> views;
    for (std::size_t i = 0; i < run.size(); ++i)
      views.push_back(ViewOf(run.declared(i), run.task(i).counts, run.task(i).expanded));
    return views;
  }
  return std::nullopt;
}

std::shared_ptr<const DagPlan> Engine::FindPlan(const std::string& dag_id) const {
  const auto at = dag_numbers_.find(dag_id);
  return at == dag_numbers_.end() ? nullptr : dags_[at->second]->plan;
}

}  // namespace stargaze::orchestrate
