// The scheduler without its thread: deterministic, driven by ticks.

#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "orchestrate/callback_watch.h"
#include "orchestrate/engine_state.h"
#include "orchestrate/event_log.h"
#include "orchestrate/executor.h"
#include "orchestrate/ready_queue.h"

namespace stargaze::orchestrate {

// All of it is called by one thread, except GetHealth. A tick takes what has ended and what is due,
// decides, chooses what begins, commits all of that at once, and only then hands bodies over,
// answers and tells. So: a body begins only when its start is on disk, and what follows a task
// begins only when that task's end is. When the commit fails, nothing begins; the tick's changes
// stay noted and go with the next.
class Engine {
 public:
  Engine(RunStore& store,
         SchedulerOptions options,
         SchedulerPorts ports,
         Clock& clock,
         Random& random,
         Executor& executor,
         EventLog& log);

  Status Load();
  struct Declared {
    std::shared_ptr<const DagPlan> plan{};
    std::shared_ptr<const std::vector<TaskBody>> bodies{};
  };
  // As a DAG stands now; absent: it is not known.
  Result<std::optional<Declared>> Redeclare(const std::string& dag_id) {
    const DagState* dag = Find(dag_id);
    if (dag == nullptr) return std::optional<Declared>();
    return std::optional<Declared>(Declared{.plan = dag->plan, .bodies = dag->bodies});
  }
  // What is not among them makes no further runs.
  std::vector<Error> SetDags(std::vector<Declared> dags);

  void Tick();
  // When the next tick is due although nothing ends and nobody calls.
  Instant NextWake() const;
  // Changes are noted; `answer` is called once they are on disk.
  void AfterCommit(std::function<void()> answer) { answers_.push_back(std::move(answer)); }
  // Nothing begins any more; running bodies are asked to stop.
  void BeginStop();
  std::size_t flights() const { return flights_.size(); }

  Result<RunView> Trigger(const TriggerRequest& request, const ManualAction& action);
  Status ManifestPublished(const std::string& dataset, const std::string& manifest);
  Result<Affected> Clear(const Selection& selection, const ManualAction& action, bool dry_run);
  Result<Affected> Mark(const Selection& selection,
                        InstanceState state,
                        const ManualAction& action,
                        bool dry_run);
  Status Cancel(const std::string& dag_id, const std::string& run_id, const ManualAction& action);
  Status SetPaused(const std::string& dag_id, bool paused, const ManualAction& action);
  Status SetPool(const PoolSetting& pool, const ManualAction& action);
  Status DeletePool(const std::string& name, const ManualAction& action);
  void SetVariable(const std::string& name, const std::string& value, const ManualAction& action);
  void DeleteVariable(const std::string& name, const ManualAction& action);
  Result<BackfillPlan> Backfill(const BackfillRequest& request, const ManualAction& action);
  Status SetBackfillState(int64_t number, BackfillState state, const ManualAction& action);

  HealthView GetHealth() const;
  std::vector<DagView> GetDags() const;
  std::vector<PoolView> GetPools() const;
  // Absent: the run is not under way.
  std::optional<std::vector<TaskView>> GetTasks(const std::string& dag_id,
                                                const std::string& run_id) const;
  std::shared_ptr<const DagPlan> FindPlan(const std::string& dag_id) const;
  const std::unordered_map<int64_t, std::unique_ptr<ActiveRun>>& runs() const { return runs_; }

 private:
  struct Chosen {  // What an operation is about, in one run.
    StoredRun run{};
    ActiveRun* active = nullptr;          // Null: not under way.
    std::unique_ptr<ActiveRun> loaded{};  // Then: as the store has it.
    std::vector<std::size_t> tasks{};
    ActiveRun& image() { return active != nullptr ? *active : *loaded; }
  };
  struct OpenTry {  // The last try of an instance that has not ended.
    StoredTry one{};
    int lost_before = 0;  // Tries lost since the instance was last cleared.
  };

  // engine.cc: the tick.
  void FireTimers();
  void FireTimer(const Timer& timer);
  void Beat();
  void Settle();
  void Evaluate(ActiveRun& run);
  void Apply(ActiveRun& run, std::size_t task, Decision decision);
  bool ExpandNow(ActiveRun& run, std::size_t task);
  void CheckEnd(ActiveRun& run);
  void EndRun(ActiveRun& run, DagRunState state, const std::string& cause);
  void SkipRest(ActiveRun& run);
  void NoteDecisions();
  void CommitAll();
  void Tell();
  void TellCallbackFailures();
  void TellCallbackFailure(const CallbackFailure& failure);

  // engine_dispatch.cc: what begins and how it ends.
  void Dispatch();
  bool MayServe(const Lane& lane) const;
  void Choose(ActiveRun& run, std::size_t task);
  void UpdateReady(ActiveRun& run, std::size_t task);
  Lane LaneOf(const ActiveRun& run, std::size_t task) const;
  void TakeSlots(const Flight& flight, int64_t direction);
  void UpdateDoor(DagState& dag);
  void Ended(const WorkDone& done);
  void ApplyOutcome(ActiveRun& run, Flight& flight, const Result<Outcome>& result, Instant at);
  void EndTry(ActiveRun& run, const Flight& flight, StoredTry end);
  void WaitFor(ActiveRun& run, std::size_t task, int map_index, InstanceState state, Instant at);
  void TimeOut(uint64_t ticket, Flight& flight);
  void Abandon(uint64_t ticket, Flight& flight);
  void StopFlight(uint64_t ticket, StopReason reason);
  void Land(uint64_t ticket);
  void EmitInstance(const ActiveRun& run, const Flight& flight, const StoredTry& end);
  void CallBack(const ActiveRun& run,
                const std::vector<std::string>& names,
                const Flight* flight,
                const StoredTry* end);

  // engine_runs.cc: how runs come about and are taken up.
  DagState& StateOf(const std::string& dag_id);
  DagState* Find(const std::string& dag_id);
  void AskTimetables();
  void AskTimetable(DagState& dag);
  bool MayMakeRuns() const;
  StoredRun MakeRun(DagState& dag, RunType type, const DueRun& due, RunView wish);
  bool RunExists(DagState& dag, const std::string& run_id);
  bool HasRunFor(const DagState& dag, Instant logical_date);
  void CountActive(DagState& dag, int64_t task_number);
  void Enqueue(DagState& dag, StoredRun run, bool is_new);
  void StartQueuedRuns();
  bool StartNext(DagState& dag);
  Status StartRun(DagState& dag, QueuedRun queued);
  std::unique_ptr<ActiveRun> NewImage(DagState& dag, StoredRun run);
  Result<std::unique_ptr<ActiveRun>> LoadImage(DagState& dag, const StoredRun& run);
  void TakeUp(ActiveRun& run, const std::vector<OpenTry>& open);
  void TakeUpTry(ActiveRun& run, std::size_t task, const OpenTry& last);
  Status LinkPast(DagState& dag, ActiveRun& run);
  void PastChanged(const ActiveRun& run);
  void AdvanceBackfills();
  void AdvanceBackfill(ActiveBackfill& backfill);
  void BackfillRunEnded(const ActiveRun& run, DagRunState state);
  Result<std::vector<DueRun>> DatesOf(DagState& dag, const StoredBackfill& backfill);

  // engine_operations.cc
  Result<std::vector<Chosen>> Choices(const Selection& selection);
  Result<Chosen> ChoiceOf(DagState& dag, StoredRun run, const Selection& selection);
  static std::vector<int> InstancesOf(const ActiveRun& run,
                                      std::size_t task,
                                      const Selection& selection);
  // Instances decided without a try get rows of their own, since the state of the rest starts anew.
  void StartRestAnew(ActiveRun& run, std::size_t task);
  // It waits for nothing any more: no retry, no instant, no slot.
  void ForgetWaits(ActiveRun& run, std::size_t task, int map_index);
  // What people want of a body that still works is on disk before it has stopped: should the
  // process end first, it holds.
  void NoteIntent(const ActiveRun& run, std::size_t task, int map_index, StoredTry intent);
  void ClearInstances(ActiveRun& run, std::size_t task, const std::vector<int>& instances);
  void MarkInstance(ActiveRun& run,
                    std::size_t task,
                    int map_index,
                    InstanceState state,
                    const std::string& detail);
  void Requeue(DagState& dag, Chosen& chosen);
  bool HasAbandoned(int64_t run) const;
  void Note(const ManualAction& action,
            const std::string& what,
            const std::string& dag_id,
            const std::string& run_id,
            const std::string& detail);
  void Emit(Event event, bool keep);
  Event RunEvent(const StoredRun& run) const;

  RunStore& store_;
  const SchedulerOptions options_;
  const SchedulerPorts ports_;
  Clock& clock_;
  Random& random_;
  Executor& executor_;
  EventLog& log_;

  Instant now_{};
  const std::shared_ptr<CallbackWatch> watch_;
  uint64_t tick_ = 0;
  bool again_ = false;  // Another tick is due at once.
  bool stopping_ = false;
  bool store_ok_ = true;
  Instant retry_commit_at_{};
  Instant next_beat_{};
  Instant next_disk_check_{};
  bool held_by_disk_ = false;

  std::map<std::string, Pool> pools_;
  std::vector<std::unique_ptr<DagState>> dags_;  // By number.
  std::map<std::string, std::size_t> dag_numbers_;
  std::map<std::string, std::vector<StoredRun>>
      unclaimed_;  // Unfinished runs of DAGs not declared.
  std::map<std::string, StoredDag> stored_dags_;
  std::map<int64_t, ActiveBackfill> backfills_;
  std::unordered_map<int64_t, std::unique_ptr<ActiveRun>> runs_;
  std::vector<std::unique_ptr<ActiveRun>> ended_;  // Until the tick is over.
  std::unordered_map<uint64_t, Flight> flights_;
  std::set<Timer> timers_;
  std::set<int64_t> touched_;       // Runs to be looked at in this tick.
  std::set<std::size_t> asking_;    // DAGs whose timetable is to be asked.
  std::set<std::size_t> starting_;  // DAGs that may have room for a queued run.
  std::vector<std::pair<int64_t, std::size_t>> decided_;  // Tasks whose row is to be noted.
  ReadyQueue ready_;
  int64_t in_flight_ = 0;
  int64_t cpu_in_flight_ = 0;
  int64_t abandoned_ = 0;
  uint64_t last_ticket_ = 0;
  int64_t last_event_ = 0;

  std::vector<uint64_t> chosen_;  // Tickets whose start goes with this commit.
  std::vector<WorkItem> to_submit_;
  std::vector<Event> events_;
  std::vector<CallbackCall> callbacks_;
  std::vector<std::function<void()>> answers_;

  mutable std::mutex health_mutex_;
  HealthView health_;
};

}  // namespace stargaze::orchestrate
