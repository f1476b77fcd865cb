// The scheduler as the program sees it: a thread that owns all run state, and calls into it.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "orchestrate/executor.h"
#include "orchestrate/operations.h"
#include "orchestrate/run_queries.h"
#include "orchestrate/run_store.h"
#include "orchestrate/scheduler_ports.h"

namespace stargaze::orchestrate {

// Life cycle: Open, SetDags, Start, …, Stop. Without Start nothing runs by itself, but every call
// works (a command on a folder that no server holds). Safe for concurrent use. A call that changes
// something returns once the change is on disk: kTimeout when the scheduler does not answer within
// 30 s, kNotFound for what does not exist, kInvalidInput and kConflict with the reason.
class Scheduler {
 public:
  // Takes up what the store says: instances that ran when the last process ended are lost tries.
  // `clock`, `random` and `executor` must outlive it.
  static Result<std::unique_ptr<Scheduler>> Open(const RunStoreOptions& store,
                                                 SchedulerOptions options,
                                                 SchedulerPorts ports,
                                                 Clock& clock,
                                                 Random& random,
                                                 Executor& executor);
  ~Scheduler();  // Stops.
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Replaces the declared DAGs; again whenever files change. A DAG that cannot be planned is left
  // as it was and named in the answer, one error each; the others are taken. Runs under way keep
  // the plan they began with.
  std::vector<Error> SetDags(std::vector<model::Dag> dags);

  void Start();
  // The same on the calling thread; returns once `stop` was requested. Then Stop, as always.
  void Run(const std::stop_token& stop);
  // No new bodies; running ones are asked to stop and waited for until `deadline`. What they leave
  // undone runs again after the next start, without having used up a retry.
  void Stop(Instant deadline);

  Result<RunView> Trigger(const TriggerRequest& request, const ManualAction& action);
  // Runs of the DAGs that are scheduled on_manifest of `dataset`. While one of them still waits to
  // begin, no other is made: it will see this manifest too. Cheap, called by whoever publishes.
  Status ManifestPublished(const std::string& dataset, const std::string& manifest);
  Result<Affected> Clear(const Selection& selection, const ManualAction& action, bool dry_run);
  // `state`: kSuccess or kFailed. Running instances are asked to stop and end in that state.
  Result<Affected> Mark(const Selection& selection,
                        InstanceState state,
                        const ManualAction& action,
                        bool dry_run);
  // Clears what failed in a run, and what failed because of it.
  Result<Affected> Retry(const std::string& dag_id,
                         const std::string& run_id,
                         const ManualAction& action);
  // Stops what runs, skips what has not begun; the run ends as failed.
  Status Cancel(const std::string& dag_id, const std::string& run_id, const ManualAction& action);
  // A paused DAG makes no runs and begins no tasks; what runs ends.
  Status SetPaused(const std::string& dag_id, bool paused, const ManualAction& action);
  Status SetPool(const PoolSetting& pool, const ManualAction& action);
  Status DeletePool(const std::string& name, const ManualAction& action);
  Status SetVariable(const std::string& name, const std::string& value, const ManualAction& action);
  Status DeleteVariable(const std::string& name, const ManualAction& action);

  Result<BackfillPlan> Backfill(const BackfillRequest& request, const ManualAction& action);
  // kRunning, kPaused or kCancelled. Cancelling lets its running runs end.
  Status SetBackfillState(int64_t number, BackfillState state, const ManualAction& action);

  // From memory, as of the last tick; `Health` never waits for the scheduler's thread.
  HealthView Health() const;
  Result<std::vector<DagView>> Dags() const;
  Result<std::vector<PoolView>> Pools() const;
  // Tasks of one run with the counts of their instances, in the DAG's order.
  Result<std::vector<TaskView>> Tasks(const std::string& dag_id, const std::string& run_id) const;
  std::optional<model::Dag> FindDag(const std::string& dag_id) const;

  // Events after `id`, oldest first; waits until there is one, `deadline` or `stop`. Those that are
  // no longer kept are missing: a follower that sees a gap in time reads the views again.
  std::vector<Event> EventsAfter(int64_t id,
                                 std::size_t limit,
                                 Instant deadline,
                                 const std::stop_token& stop) const;
  // kTimeout at `deadline`, kCancelled by `stop`.
  Result<DagRunState> WaitUntilEnded(const std::string& dag_id,
                                     const std::string& run_id,
                                     Instant deadline,
                                     const std::stop_token& stop) const;

  // Lists of runs, instances, tries, audit, backfills, variables: read from the store.
  RunQueries& queries();

 private:
  struct Impl;
  explicit Scheduler(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::orchestrate
