// What people do to runs.

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <utility>

#include "orchestrate/engine.h"

namespace stargaze::orchestrate {
namespace {

constexpr std::size_t kMaxConf = std::size_t{64} << 10;
constexpr int kMaxRunsAtOnce = 1000;
constexpr std::size_t kMaxQueuedRuns = 1000;

Error Unknown(const std::string& what, const std::string& name) {
  return Error(ErrorKind::kNotFound, fmt::format("no {} has this name: {}", what, name))
      .Remedy("look at the list of names");
}

bool IsFailure(InstanceState state) {
  return state == InstanceState::kFailed || state == InstanceState::kUpstreamFailed;
}

}  // namespace

void Engine::Note(const ManualAction& action,
                  const std::string& what,
                  const std::string& dag_id,
                  const std::string& run_id,
                  const std::string& detail) {
  now_ = clock_.Now();
  store_.InsertAudit({.id = store_.NextAuditNumber(),
                      .at = now_,
                      .who = action.who,
                      .action = what,
                      .dag_id = dag_id,
                      .run_id = run_id,
                      .detail = detail,
                      .reason = action.reason});
  Emit({.kind = EventKind::kAction,
        .dag_id = dag_id,
        .run_id = run_id,
        .detail = fmt::format("{} by {}: {}", what, action.who, detail)},
       true);
}

Result<RunView> Engine::Trigger(const TriggerRequest& request, const ManualAction& action) {
  now_ = clock_.Now();
  DagState* dag = Find(request.dag_id);
  if (dag == nullptr || !dag->declared) return Unknown("DAG", request.dag_id);
  if (request.conf.size() > kMaxConf)
    return Error(ErrorKind::kInvalidInput, fmt::format("conf is larger than {} bytes", kMaxConf));
  if (dag->queued.size() >= kMaxQueuedRuns)
    return Error(ErrorKind::kExhausted,
                 fmt::format("{} runs of {} wait already", dag->queued.size(), request.dag_id))
        .Remedy("resume the DAG, or cancel runs");
  const Instant date = request.logical_date.value_or(now_);
  RunView wish;
  wish.run.run_id = request.run_id.value_or(model::ManualRunId(date));
  const auto allowed = [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-' || c == '~';
  };
  if (wish.run.run_id.empty() || wish.run.run_id.size() > 200 ||
      !std::all_of(wish.run.run_id.begin(), wish.run.run_id.end(), allowed))
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("a run_id has letters, digits, _, - and ~ only: {}", wish.run.run_id));
  if (RunExists(*dag, wish.run.run_id))
    return Error(ErrorKind::kConflict,
                 fmt::format("{} has a run {} already", request.dag_id, wish.run.run_id))
        .Remedy("give another run id, or clear that run");
  wish.conf = request.conf;
  wish.cause = "by hand" + (action.reason.empty() ? "" : ": " + action.reason);
  const Instant start = request.data_start.value_or(date);
  const DueRun due{.logical_date = date,
                   .data_start = start,
                   .data_end = request.data_end.value_or(std::max(start, date))};
  StoredRun run = MakeRun(*dag, RunType::kManual, due, std::move(wish));
  RunView view = run.view;
  Enqueue(*dag, std::move(run), true);
  Note(action, "trigger", request.dag_id, view.run.run_id, "");
  return view;
}

Status Engine::ManifestPublished(const std::string& dataset, const std::string& manifest) {
  now_ = clock_.Now();
  for (const auto& dag : dags_) {
    if (!dag->declared || dag->stored.paused) continue;
    const model::Schedule& schedule = dag->plan->dag.schedule;
    if (schedule.kind != model::ScheduleKind::kOnManifest || schedule.dataset != dataset) continue;
    const bool waits = std::any_of(dag->queued.begin(), dag->queued.end(), [](const auto& entry) {
      return entry.second.run.view.type == RunType::kManifest;
    });
    if (waits) continue;
    const std::string stem = "manifest__" + FormatCompact(now_);
    RunView wish;
    wish.run.run_id = stem;
    for (int i = 2; RunExists(*dag, wish.run.run_id); ++i)
      wish.run.run_id = fmt::format("{}-{}", stem, i);
    wish.cause = "manifest " + manifest;
    wish.conf = manifest;
    const DueRun due{.logical_date = now_, .data_start = now_, .data_end = now_};
    Enqueue(*dag, MakeRun(*dag, RunType::kManifest, due, std::move(wish)), true);
  }
  return Ok();
}

Result<Engine::Chosen> Engine::ChoiceOf(DagState& dag, StoredRun run, const Selection& selection) {
  Chosen chosen{.run = std::move(run)};
  const auto active = runs_.find(chosen.run.view.number);
  if (active != runs_.end()) {
    chosen.active = active->second.get();
  } else {
    SG_TRY(chosen.loaded, LoadImage(dag, chosen.run));
  }
  const DagPlan& plan = chosen.image().plan();
  std::vector<std::size_t> tasks;
  for (const std::string& task_id : selection.task_ids) {
    const std::size_t index = plan.IndexOf(task_id);
    if (index == plan.tasks.size()) return Unknown("task of " + selection.dag_id, task_id);
    tasks.push_back(index);
  }
  if (tasks.empty()) {
    tasks.resize(plan.tasks.size());
    std::iota(tasks.begin(), tasks.end(), std::size_t{0});
  }
  chosen.tasks = plan.Closure(tasks, selection.upstream, selection.downstream);
  return chosen;
}

Result<std::vector<Engine::Chosen>> Engine::Choices(const Selection& selection) {
  now_ = clock_.Now();
  DagState* dag = Find(selection.dag_id);
  if (dag == nullptr) return Unknown("DAG", selection.dag_id);
  if (store_.HasNotes())  // Reads see only what is committed; whoever calls waits for the tick.
    return Error(ErrorKind::kConflict, "other changes are being written").Remedy("try again");
  SG_TRY(const auto named, store_.FindRun(selection.dag_id, selection.run_id));
  if (!named) return Unknown("run of " + selection.dag_id, selection.run_id);
  std::vector<StoredRun> runs{*named};
  if (selection.past || selection.future) {
    const Instant date = named->view.run.logical_date;
    SG_TRY(runs,
           store_.RunsWithin(selection.dag_id,
                             selection.past ? std::nullopt : std::optional(date),
                             selection.future ? std::nullopt : std::optional(date),
                             kMaxRunsAtOnce + 1));
    if (runs.size() > static_cast<std::size_t>(kMaxRunsAtOnce))
      return Error(ErrorKind::kInvalidInput,
                   fmt::format("this is about more than {} runs", kMaxRunsAtOnce))
          .Remedy("do it run by run, or by a backfill with reprocess");
  }
  std::vector<Chosen> choices;
  for (StoredRun& run : runs) {
    SG_TRY(Chosen chosen, ChoiceOf(*dag, std::move(run), selection));
    choices.push_back(std::move(chosen));
  }
  return choices;
}

std::vector<int> Engine::InstancesOf(const ActiveRun& run,
                                     std::size_t index,
                                     const Selection& selection) {
  const RunTask& task = run.task(index);
  const bool is_named =
      std::find(selection.task_ids.begin(), selection.task_ids.end(), run.declared(index).id) !=
      selection.task_ids.end();
  std::vector<int> instances;
  for (std::size_t i = 0; i < task.size(); ++i) {
    if (is_named && selection.map_index && *selection.map_index != static_cast<int>(i)) continue;
    if (selection.only_failed && !IsFailure(task.states[i])) continue;
    instances.push_back(static_cast<int>(i));
  }
  return instances;
}

void Engine::ForgetWaits(ActiveRun& run, std::size_t index, int map_index) {
  RunTask& task = run.task(index);
  if (const auto due = task.due.find(map_index); due != task.due.end()) {
    timers_.erase({.at = due->second,
                   .kind = TimerKind::kInstance,
                   .subject = run.number(),
                   .task = index,
                   .map_index = map_index});
    task.due.erase(due);
  }
  task.again.erase(map_index);
  task.resumed.erase(map_index);
}

void Engine::ClearInstances(ActiveRun& run, std::size_t index, const std::vector<int>& instances) {
  if (instances.empty()) return;
  RunTask& task = run.task(index);
  int first = -1;  // Of the tries to be marked as history, in ranges.
  int last = -1;
  const auto flush = [&] {
    if (first >= 0) store_.ClearTries(run.number(), task.number, first, last);
    first = -1;
  };
  for (const int map_index : instances) {
    const auto at = static_cast<std::size_t>(map_index);
    if (HoldsSlots(task.states[at])) {
      StopFlight(task.flights.at(map_index), StopReason::kCleared);
      NoteIntent(run, index, map_index, {.state = InstanceState::kFailed, .cleared = true});
      continue;
    }
    ForgetWaits(run, index, map_index);
    if (task.tries[at] > 0) task.SetFreeTries(map_index, task.tries[at]);
    run.SetState(index, map_index, InstanceState::kNone);
    if (first >= 0 && last + 1 != map_index) flush();
    if (first < 0) first = map_index;
    last = map_index;
  }
  flush();
  StartRestAnew(run, index);
  run.Undecide(index);
  UpdateReady(run, index);
}

void Engine::NoteIntent(const ActiveRun& run, std::size_t index, int map_index, StoredTry intent) {
  const RunTask& task = run.task(index);
  intent.run = run.number();
  intent.task = task.number;
  intent.map_index = map_index;
  intent.try_number = task.tries[static_cast<std::size_t>(map_index)];
  intent.ended_at = now_;
  store_.UpdateTry(std::move(intent));
}

void Engine::StartRestAnew(ActiveRun& run, std::size_t index) {
  const RunTask& task = run.task(index);
  for (std::size_t i = 0; i < task.size(); ++i) {
    if (!IsFinished(task.states[i]) || task.tries[i] > 0) continue;
    store_.InsertTry({.run = run.number(),
                      .task = task.number,
                      .map_index = static_cast<int>(i),
                      .try_number = 0,
                      .state = task.states[i],
                      .started_at = now_,
                      .ended_at = now_});
  }
  store_.PutRunTask(
      run.number(),
      {.task = task.number, .instances = task.known_size(), .state = InstanceState::kNone});
}

void Engine::Requeue(DagState& dag, Chosen& chosen) {
  if (chosen.active != nullptr) {
    touched_.insert(chosen.active->number());
    again_ = true;
    return;
  }
  StoredRun run = std::move(chosen.run);
  const bool has_ended = IsFinished(run.view.state);
  // Its backfill has counted it already: what people have run again keeps to the DAG's limit.
  const auto backfill = backfills_.find(run.view.backfill);
  if (backfill == backfills_.end() || !backfill->second.active.contains(run.view.number))
    run.view.backfill = 0;
  run.view.state = DagRunState::kQueued;
  run.view.ended_at.reset();
  if (has_ended) run.cancelled = false;
  store_.PutRun(run);
  Emit(RunEvent(run), true);
  Enqueue(dag, std::move(run), false);
}

bool Engine::HasAbandoned(int64_t run) const {
  return abandoned_ > 0 && std::any_of(flights_.begin(), flights_.end(), [run](const auto& entry) {
           return entry.second.abandoned && entry.second.run == run;
         });
}

Result<Affected> Engine::Clear(const Selection& selection,
                               const ManualAction& action,
                               bool dry_run) {
  SG_TRY(std::vector<Chosen> choices, Choices(selection));
  for (const Chosen& chosen : choices)
    if (HasAbandoned(chosen.run.view.number))
      return Error(ErrorKind::kConflict, "an abandoned body of this run still works")
          .Remedy("wait until it returns, or restart the scheduler");
  for (const Chosen& chosen : choices)
    if (chosen.run.cancelled && !IsFinished(chosen.run.view.state))
      return Error(ErrorKind::kConflict,
                   fmt::format("run {} is being cancelled", chosen.run.view.run.run_id))
          .Remedy("wait until it has ended");
  DagState& dag = *Find(selection.dag_id);
  Affected affected;
  for (Chosen& chosen : choices) {
    ActiveRun& run = chosen.image();
    int64_t cleared = 0;
    for (const std::size_t task : chosen.tasks) {
      const std::vector<int> instances = InstancesOf(run, task, selection);
      if (instances.empty()) continue;
      const auto count = static_cast<int64_t>(instances.size());
      affected.tasks.push_back({.run_id = run.stored.view.run.run_id,
                                .task_id = run.declared(task).id,
                                .instances = count});
      cleared += count;
      if (!dry_run) ClearInstances(run, task, instances);
    }
    affected.instances += cleared;
    if (!dry_run && cleared > 0) Requeue(dag, chosen);
  }
  if (!dry_run)
    Note(action,
         "clear",
         selection.dag_id,
         selection.run_id,
         fmt::format("{} instances in {} tasks", affected.instances, affected.tasks.size()));
  return affected;
}

void Engine::MarkInstance(ActiveRun& run,
                          std::size_t index,
                          int map_index,
                          InstanceState state,
                          const std::string& detail) {
  RunTask& task = run.task(index);
  const auto at = static_cast<std::size_t>(map_index);
  if (HoldsSlots(task.states[at])) {
    const uint64_t ticket = task.flights.at(map_index);
    flights_.at(ticket).marked = state;
    StopFlight(ticket, StopReason::kMarked);
    return NoteIntent(run, index, map_index, {.state = state, .detail = detail});
  }
  ForgetWaits(run, index, map_index);
  StoredTry mark{.run = run.number(),
                 .task = task.number,
                 .map_index = map_index,
                 .try_number = task.tries[at],
                 .state = state,
                 .started_at = now_,
                 .ended_at = now_,
                 .detail = detail};
  if (task.tries[at] > 0) {
    store_.UpdateTry(std::move(mark));
  } else {
    // The row of a try 0 may be there from an earlier mark; a try 1 never is.
    store_.InsertTry(std::move(mark));
  }
  run.SetState(index, map_index, state);
}

Result<Affected> Engine::Mark(const Selection& selection,
                              InstanceState state,
                              const ManualAction& action,
                              bool dry_run) {
  if (state != InstanceState::kSuccess && state != InstanceState::kFailed)
    return Error(ErrorKind::kInvalidInput, "instances are marked as success or as failed");
  if (action.reason.empty())
    return Error(ErrorKind::kInvalidInput, "marking needs a reason").Remedy("say why");
  SG_TRY(std::vector<Chosen> choices, Choices(selection));
  DagState& dag = *Find(selection.dag_id);
  Affected affected;
  const std::string detail =
      fmt::format("marked {} by {}: {}", NameOf(state), action.who, action.reason);
  for (Chosen& chosen : choices) {
    ActiveRun& run = chosen.image();
    int64_t marked = 0;
    for (const std::size_t task : chosen.tasks) {
      std::vector<int> instances = InstancesOf(run, task, selection);
      std::erase_if(instances, [&](int map_index) {
        return run.task(task).states[static_cast<std::size_t>(map_index)] == state;
      });
      const auto count = static_cast<int64_t>(instances.size());
      if (count == 0) continue;
      if (!dry_run) {
        StartRestAnew(run, task);
        for (const int map_index : instances) MarkInstance(run, task, map_index, state, detail);
        run.Undecide(task);
        UpdateReady(run, task);
      }
      affected.tasks.push_back({.run_id = run.stored.view.run.run_id,
                                .task_id = run.declared(task).id,
                                .instances = count});
      marked += count;
    }
    affected.instances += marked;
    if (!dry_run && marked > 0) Requeue(dag, chosen);
  }
  if (!dry_run)
    Note(action,
         fmt::format("mark_{}", NameOf(state)),
         selection.dag_id,
         selection.run_id,
         fmt::format("{} instances in {} tasks", affected.instances, affected.tasks.size()));
  return affected;
}

Status Engine::Cancel(const std::string& dag_id,
                      const std::string& run_id,
                      const ManualAction& action) {
  now_ = clock_.Now();
  DagState* dag = Find(dag_id);
  if (dag == nullptr) return Unknown("DAG", dag_id);
  if (action.reason.empty())
    return Error(ErrorKind::kInvalidInput, "cancelling needs a reason").Remedy("say why");
  const std::string cause = fmt::format("cancelled by {}: {}", action.who, action.reason);
  for (const int64_t number : dag->active) {
    ActiveRun& run = *runs_.at(number);
    if (run.stored.view.run.run_id != run_id) continue;
    run.stored.cancelled = true;
    run.stored.view.cause = cause;
    SkipRest(run);
    Note(action, "cancel", dag_id, run_id, "");
    again_ = true;
    return Ok();
  }
  for (auto& [key, queued] : dag->queued) {
    if (queued.run.view.run.run_id != run_id) continue;
    queued.run.cancelled = true;  // It begins, skips everything and ends.
    queued.run.view.cause = cause;
    store_.PutRun(queued.run);
    Note(action, "cancel", dag_id, run_id, "");
    starting_.insert(dag->number);
    return Ok();
  }
  SG_TRY(const auto found, store_.FindRun(dag_id, run_id));
  if (!found) return Unknown("run of " + dag_id, run_id);
  return Error(ErrorKind::kConflict,
               fmt::format("run {} has ended as {}", run_id, NameOf(found->view.state)));
}

Status Engine::SetPaused(const std::string& dag_id, bool paused, const ManualAction& action) {
  now_ = clock_.Now();
  DagState* dag = Find(dag_id);
  if (dag == nullptr) return Unknown("DAG", dag_id);
  dag->stored.paused = paused;
  store_.PutDag(dag->stored);
  UpdateDoor(*dag);
  asking_.insert(dag->number);
  starting_.insert(dag->number);
  again_ = true;
  Note(action, paused ? "pause" : "resume", dag_id, "", "");
  return Ok();
}

Status Engine::SetPool(const PoolSetting& pool, const ManualAction& action) {
  if (pool.name.empty() || pool.slots < 0)
    return Error(ErrorKind::kInvalidInput, "a pool has a name and 0 or more slots");
  for (const auto& dag : dags_) {
    if (!dag->declared || pool.slots == 0) continue;
    for (const model::DagTask& task : dag->plan->dag.tasks)
      if (task.pool == pool.name && task.pool_slots > pool.slots)
        return Error(ErrorKind::kConflict,
                     fmt::format("task {} of {} needs {} slots",
                                 task.id,
                                 dag->stored.dag_id,
                                 task.pool_slots))
            .Remedy("give the pool more slots, or the task fewer");
  }
  pools_[pool.name].setting = pool;
  store_.PutPool(pool);
  again_ = true;
  Note(action, "set_pool", "", "", fmt::format("{}: {} slots", pool.name, pool.slots));
  return Ok();
}

Status Engine::DeletePool(const std::string& name, const ManualAction& action) {
  const auto pool = pools_.find(name);
  if (pool == pools_.end()) return Unknown("pool", name);
  if (name == "default_pool") return Error(ErrorKind::kConflict, "default_pool cannot be deleted");
  for (const auto& dag : dags_) {
    for (const model::DagTask& task :
         dag->plan ? dag->plan->dag.tasks : std::vector<model::DagTask>())
      if (task.pool == name)
        return Error(ErrorKind::kConflict,
                     fmt::format("task {} of {} uses this pool", task.id, dag->stored.dag_id))
            .Remedy("name another pool in its declaration first");
  }
  for (const auto& [number, run] : runs_) {
    for (std::size_t i = 0; i < run->size(); ++i)
      if (run->declared(i).pool == name)
        return Error(ErrorKind::kConflict,
                     fmt::format("task {} of {} uses this pool in a run under way",
                                 run->declared(i).id,
                                 run->plan().dag.dag_id))
            .Remedy("wait until the run has ended");
  }
  if (pool->second.running + pool->second.queued > 0)
    return Error(ErrorKind::kConflict, "instances hold slots of this pool").Remedy("wait for them");
  pools_.erase(pool);
  store_.DeletePool(name);
  Note(action, "delete_pool", "", "", name);
  return Ok();
}

void Engine::SetVariable(const std::string& name,
                         const std::string& value,
                         const ManualAction& action) {
  now_ = clock_.Now();
  store_.PutVariable(name, value, now_);
  Note(action, "set_variable", "", "", name);  // Never the value.
}

void Engine::DeleteVariable(const std::string& name, const ManualAction& action) {
  store_.DeleteVariable(name);
  Note(action, "delete_variable", "", "", name);
}

Result<BackfillPlan> Engine::Backfill(const BackfillRequest& request, const ManualAction& action) {
  now_ = clock_.Now();
  DagState* dag = Find(request.dag_id);
  if (dag == nullptr || !dag->declared) return Unknown("DAG", request.dag_id);
  if (request.to < request.from || request.max_active_runs < 1 || request.conf.size() > kMaxConf)
    return Error(ErrorKind::kInvalidInput,
                 "a backfill goes from a date to a later one, with at least 1 active run");
  if (request.backwards && dag->has_past)
    return Error(ErrorKind::kInvalidInput, "backwards is not possible: a task depends on its past")
        .Remedy("backfill forwards");
  StoredBackfill stored;
  stored.view = {.dag_id = request.dag_id,
                 .from = request.from,
                 .to = request.to,
                 .backwards = request.backwards,
                 .max_active_runs = request.max_active_runs};
  stored.reprocess = request.reprocess;
  stored.conf = request.conf;
  SG_TRY(std::vector<DueRun> dates, DatesOf(*dag, stored));
  BackfillPlan plan;
  for (const DueRun& due : dates) {
    plan.dates.push_back(due.logical_date);
    SG_TRY(const auto existing, store_.FindRunAt(request.dag_id, due.logical_date));
    if (existing) ++plan.existing;
  }
  if (request.dry_run) return plan;
  if (dates.empty())
    return Error(ErrorKind::kInvalidInput, "the schedule has no date in this range")
        .Remedy("look at the DAG's next dates");
  stored.view.number = plan.number = store_.NextBackfillNumber();
  stored.view.total = static_cast<int64_t>(dates.size());
  store_.PutBackfill(stored);
  backfills_[plan.number] = {.stored = stored, .dates = std::move(dates)};
  again_ = true;
  Note(action,
       "backfill",
       request.dag_id,
       "",
       fmt::format("{} to {}, {} dates",
                   FormatInstantSeconds(request.from),
                   FormatInstantSeconds(request.to),
                   plan.dates.size()));
  return plan;
}

Status Engine::SetBackfillState(int64_t number, BackfillState state, const ManualAction& action) {
  const auto at = backfills_.find(number);
  if (at == backfills_.end()) return Unknown("backfill under way", std::to_string(number));
  if (state == BackfillState::kDone)
    return Error(ErrorKind::kInvalidInput, "a backfill is done by itself");
  if (at->second.stored.view.state == BackfillState::kCancelled)
    return Error(ErrorKind::kConflict, fmt::format("backfill {} has been cancelled", number))
        .Remedy("begin another one for the dates that are left");
  at->second.stored.view.state = state;
  store_.PutBackfill(at->second.stored);
  again_ = true;
  Note(action,
       fmt::format("backfill_{}", NameOf(state)),
       at->second.stored.view.dag_id,
       "",
       std::to_string(number));
  return Ok();
}

}  // namespace stargaze::orchestrate
