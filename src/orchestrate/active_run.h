// A run under way, in memory: every count that a decision needs is kept up to date as states
// change, so that no decision looks at more than what changed.

#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "orchestrate/dag_plan.h"
#include "orchestrate/run_state.h"
#include "orchestrate/run_store.h"
#include "orchestrate/task.h"
#include "orchestrate/trigger_rules.h"

namespace stargaze::orchestrate {

// A task in a run. An instance costs one byte of state and two of tries; everything else is kept
// only for the few that wait or differ.
struct RunTask {
  int64_t number = 0;  // RunStore::TaskNumber.
  UpstreamCounts upstream{};
  StateCounts counts{};  // Of its instances.
  Decision decision = Decision::kWait;
  bool expanded = true;   // Known how many instances; until then it counts as one.
  bool is_ready = false;  // Is in the ready queue.
  bool past_ok = true;    // Its depends_on_past, if any, is met.
  bool is_noted = true;   // Its row in the store says what `decision` says.
  Instant ready_since{};
  std::vector<InstanceState> states{};
  std::vector<uint16_t> tries{};
  std::vector<uint16_t> free_tries{};      // Of these, how many use up no retry. Empty: none.
  std::size_t fresh = 0;                   // Instances below were handed out, or are in `again`.
  std::set<int> again{};                   // kScheduled once more: after a retry or a reschedule.
  std::unordered_map<int, Instant> due{};  // kUpForRetry, kUpForReschedule: when.
  std::unordered_map<int, Instant> resumed{};   // Rescheduled tries: when they first began.
  std::unordered_map<int, uint64_t> flights{};  // kQueued, kRunning: their tickets.

  std::size_t size() const { return states.size(); }
  // As the store has it: 0 as long as it is not known how many there are.
  int64_t known_size() const { return expanded ? static_cast<int64_t>(states.size()) : 0; }
  int64_t Count(InstanceState state) const { return CountOf(counts, state); }
  int64_t Finished() const;
  int RetriesUsed(int map_index) const;  // By the tries so far.
  void SetFreeTries(int map_index, int count);
  // The instance that goes next; -1: none is scheduled.
  int NextScheduled();
};

class ActiveRun {
 public:
  // All instances are kNone; `numbers` beside the plan's tasks.
  ActiveRun(StoredRun stored,
            std::shared_ptr<const DagPlan> plan,
            const std::vector<int64_t>& numbers);

  const DagPlan& plan() const { return *plan_; }
  const std::shared_ptr<const DagPlan>& shared_plan() const { return plan_; }
  const model::DagTask& declared(std::size_t task) const { return plan_->dag.tasks[task]; }
  RunTask& task(std::size_t index) { return tasks_[index]; }
  const RunTask& task(std::size_t index) const { return tasks_[index]; }
  std::size_t size() const { return tasks_.size(); }
  int64_t number() const { return stored.view.number; }

  // Says how many instances a mapped task has (1 or more); all are kNone.
  void Expand(std::size_t task, std::size_t instances);
  void SetState(std::size_t task, int map_index, InstanceState state);
  // Every instance in state `from`; gives how many.
  int64_t SetAll(std::size_t task, InstanceState from, InstanceState to);
  // Have the task decided again, and those after it once it changes.
  void Undecide(std::size_t task);
  // Tasks whose upstream changed since the last call and that still wait.
  std::vector<std::size_t> TakeUndecided();

  int64_t unfinished() const { return unfinished_; }
  int64_t InState(InstanceState state) const { return CountOf(counts_, state); }
  // Something will happen to it by itself.
  bool Moves() const;
  // Once nothing is unfinished: by its leaves alone.
  DagRunState Verdict() const;

  StoredRun stored{};
  std::size_t dag = 0;                                    // The engine's number of its DAG.
  std::shared_ptr<const std::vector<TaskBody>> bodies{};  // Beside the plan's tasks.
  int64_t previous = 0;  // The run before by logical date, if any task depends on its past.

 private:
  void Count(RunTask& task, std::size_t index, InstanceState from, InstanceState to, int64_t count);

  std::shared_ptr<const DagPlan> plan_;
  std::vector<RunTask> tasks_;
  StateCounts counts_{};
  int64_t unfinished_ = 0;
  std::vector<std::size_t> undecided_;
  std::vector<bool> is_undecided_;
};

}  // namespace stargaze::orchestrate
