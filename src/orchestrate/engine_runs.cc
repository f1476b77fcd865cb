// How runs come about, begin, and are taken up after a restart.

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "orchestrate/engine.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMaxBackfillRuns = 100'000;

bool IsWell(const RunTask& task) {
  return task.Count(InstanceState::kSuccess) + task.Count(InstanceState::kSkipped) ==
         static_cast<int64_t>(task.size());
}

}  // namespace

Status Engine::Load() {
  SG_TRY(const std::vector<PoolSetting> pools, store_.Pools());
  for (const PoolSetting& pool : pools) pools_[pool.name].setting = pool;
  for (const PoolSetting& pool : options_.pools) {
    if (pools_.contains(pool.name)) continue;
    pools_[pool.name].setting = pool;
    store_.PutPool(pool);
  }
  SG_TRY(const std::vector<StoredDag> dags, store_.Dags());
  for (const StoredDag& dag : dags) stored_dags_[dag.dag_id] = dag;
  SG_TRY(const std::vector<StoredBackfill> backfills, store_.OpenBackfills());
  for (const StoredBackfill& backfill : backfills)
    backfills_[backfill.view.number].stored = backfill;
  SG_TRY(std::vector<StoredRun> runs, store_.UnfinishedRuns());
  for (StoredRun& run : runs) {
    const auto backfill = backfills_.find(run.view.backfill);
    if (backfill != backfills_.end()) backfill->second.active.insert(run.view.number);
    unclaimed_[run.view.run.dag_id].push_back(std::move(run));
  }
  return Ok();
}

DagState& Engine::StateOf(const std::string& dag_id) {
  const auto [at, is_new] = dag_numbers_.try_emplace(dag_id, dags_.size());
  if (!is_new) return *dags_[at->second];
  dags_.push_back(std::make_unique<DagState>());
  DagState& dag = *dags_.back();
  dag.number = at->second;
  const auto stored = stored_dags_.find(dag_id);
  if (stored != stored_dags_.end()) dag.stored = stored->second;
  dag.stored.dag_id = dag_id;
  return dag;
}

DagState* Engine::Find(const std::string& dag_id) {
  const auto at = dag_numbers_.find(dag_id);
  if (at == dag_numbers_.end() || dags_[at->second]->plan == nullptr) return nullptr;
  return dags_[at->second].get();
}

std::vector<Error> Engine::SetDags(std::vector<Declared> declared) {
  now_ = clock_.Now();
  std::vector<Error> errors;
  for (const auto& dag : dags_) dag->declared = false;
  for (Declared& one : declared) {
    const model::Dag& dag = one.plan->dag;
    DagState& state = StateOf(dag.dag_id);
    state.declared = true;
    const auto unknown = std::find_if(dag.tasks.begin(), dag.tasks.end(), [&](const auto& task) {
      const auto pool = pools_.find(task.pool);
      return pool == pools_.end() ||
             (pool->second.setting.slots > 0 && pool->second.setting.slots < task.pool_slots);
    });
    if (unknown != dag.tasks.end()) {
      state.declared = state.plan != nullptr;
      errors.push_back(
          Error(ErrorKind::kInvalidInput,
                fmt::format("{}: DAG {}: task {} needs {} slots of pool {}, which {}",
                            dag.file,
                            dag.dag_id,
                            unknown->id,
                            unknown->pool_slots,
                            unknown->pool,
                            pools_.contains(unknown->pool) ? "is smaller" : "does not exist"))
              .Remedy("make the pool, or name another one"));
      continue;
    }
    if (state.stored.first_seen == Instant()) {
      state.stored.first_seen = now_;
      state.stored.paused = dag.is_paused_upon_creation;
      store_.PutDag(state.stored);
    }
    state.plan = std::move(one.plan);
    state.bodies = std::move(one.bodies);
    state.numbers.clear();
    state.has_past = false;
    for (const model::DagTask& task : state.plan->dag.tasks) {
      state.numbers.push_back(store_.TaskNumber(dag.dag_id, task.id));
      state.has_past = state.has_past || task.depends_on_past;
      if (task.max_active_tis_per_dag) CountActive(state, state.numbers.back());
    }
    UpdateDoor(state);
    asking_.insert(state.number);
    starting_.insert(state.number);
    const auto unclaimed = unclaimed_.find(state.stored.dag_id);
    if (unclaimed == unclaimed_.end()) continue;
    for (StoredRun& run : unclaimed->second) {
      const bool began = run.view.state == DagRunState::kRunning;
      if (!began) {
        Enqueue(state, std::move(run), false);
      } else if (Status taken = StartRun(state, {.run = std::move(run), .is_new = false});
                 !taken.ok()) {
        errors.push_back(std::move(taken).error());
      }
    }
    unclaimed_.erase(unclaimed);
  }
  return errors;
}

// How many of a task with a limit of its own are in flight; the limit may be new.
void Engine::CountActive(DagState& dag, int64_t task_number) {
  const auto [at, is_new] = dag.active_by_task.try_emplace(task_number, 0);
  if (!is_new) return;
  at->second = static_cast<int>(std::count_if(flights_.begin(), flights_.end(), [&](const auto& f) {
    return f.second.task_number == task_number;
  }));
}

bool Engine::MayMakeRuns() const {
  return !held_by_disk_ && !stopping_;
}

void Engine::AskTimetables() {
  for (const std::size_t number : std::exchange(asking_, {})) AskTimetable(*dags_[number]);
}

void Engine::AskTimetable(DagState& dag) {
  if (dag.next_due)
    timers_.erase({.at = *dag.next_due,
                   .kind = TimerKind::kDag,
                   .subject = static_cast<int64_t>(dag.number)});
  dag.next_due.reset();
  if (!dag.declared || dag.stored.paused || !MayMakeRuns() || !ports_.due_runs) return;
  const model::Dag& declared = dag.plan->dag;
  if (declared.schedule.kind == model::ScheduleKind::kNone ||
      declared.schedule.kind == model::ScheduleKind::kOnManifest)
    return;
  const auto waiting = std::count_if(dag.queued.begin(), dag.queued.end(), [](const auto& entry) {
    return entry.second.run.view.backfill == 0;
  });
  int64_t room = declared.max_active_runs - dag.active_outside_backfills - waiting;
  if (room <= 0) return;  // Asked again when a run ends.
  const TimetableAnswer answer =
      ports_.due_runs(declared, dag.stored.last_logical_date, dag.stored.first_seen, now_);
  std::size_t made = 0;
  for (const DueRun& due : answer.due) {
    if (room-- == 0) break;
    const std::string run_id = model::ScheduledRunId(due.logical_date);
    if (!RunExists(dag, run_id) && !HasRunFor(dag, due.logical_date)) {
      RunView wish;
      wish.run.run_id = run_id;
      Enqueue(dag, MakeRun(dag, RunType::kScheduled, due, std::move(wish)), true);
    }
    dag.stored.last_logical_date = due.logical_date;
    ++made;
  }
  if (made > 0) store_.PutDag(dag.stored);
  if (made < answer.due.size()) return;
  if (made > 0) {  // There may be more, and `next` is now another.
    asking_.insert(dag.number);
    again_ = true;
    return;
  }
  if (!answer.next) return;
  dag.next_due = std::max(*answer.next, now_ + seconds(1));
  timers_.insert(
      {.at = *dag.next_due, .kind = TimerKind::kDag, .subject = static_cast<int64_t>(dag.number)});
}

bool Engine::RunExists(DagState& dag, const std::string& run_id) {
  for (const auto& [key, queued] : dag.queued)
    if (queued.run.view.run.run_id == run_id) return true;
  for (const int64_t number : dag.active)
    if (runs_.at(number)->stored.view.run.run_id == run_id) return true;
  const auto found = store_.FindRun(dag.stored.dag_id, run_id);
  return found.ok() && found.value().has_value();
}

// Of the schedule or of a backfill: one that people made at that date is another matter.
bool Engine::HasRunFor(const DagState& dag, Instant logical_date) {
  const auto counts = [](const StoredRun& run) {
    return run.view.type == RunType::kScheduled || run.view.type == RunType::kBackfill;
  };
  for (auto at = dag.queued.lower_bound({logical_date, 0});
       at != dag.queued.end() && at->first.first == logical_date;
       ++at)
    if (counts(at->second.run)) return true;
  for (const int64_t number : dag.active) {
    const StoredRun& run = runs_.at(number)->stored;
    if (run.view.run.logical_date == logical_date && counts(run)) return true;
  }
  const auto found = store_.FindRunAt(dag.stored.dag_id, logical_date);
  return found.ok() && found.value() && counts(*found.value());
}

StoredRun Engine::MakeRun(DagState& dag, RunType type, const DueRun& due, RunView wish) {
  StoredRun run{.view = std::move(wish)};
  run.view.number = store_.NextRunNumber();
  run.view.run.dag_id = dag.stored.dag_id;
  run.view.run.logical_date = due.logical_date;
  run.view.type = type;
  run.view.state = DagRunState::kQueued;
  run.view.data_start = due.data_start;
  run.view.data_end = due.data_end;
  run.view.queued_at = now_;
  store_.PutRun(run);
  Emit(RunEvent(run), true);
  return run;
}

void Engine::Enqueue(DagState& dag, StoredRun run, bool is_new) {
  const std::pair key{run.view.run.logical_date, run.view.number};
  dag.queued[key] = {.run = std::move(run), .is_new = is_new, .noted = store_.commits()};
  starting_.insert(dag.number);
  again_ = true;
}

void Engine::StartQueuedRuns() {
  for (const std::size_t number : std::exchange(starting_, {}))
    while (StartNext(*dags_[number])) {
    }
}

// Starts the first that may; false when none may now.
bool Engine::StartNext(DagState& dag) {
  if (dag.plan == nullptr) return false;
  const bool held = dag.stored.paused || !MayMakeRuns();
  for (auto at = dag.queued.begin(); at != dag.queued.end(); ++at) {
    const QueuedRun& queued = at->second;
    const bool has_room = !held && (queued.run.view.backfill != 0 ||
                                    dag.active_outside_backfills < dag.plan->dag.max_active_runs);
    // A cancelled one only begins in order to end.
    if (!has_room && !queued.run.cancelled) continue;
    const bool is_committed = queued.noted < store_.commits() || !store_.HasNotes();
    if ((!queued.is_new || dag.has_past) && !is_committed) {
      starting_.insert(dag.number);
      again_ = true;
      continue;
    }
    QueuedRun next = std::move(at->second);
    dag.queued.erase(at);
    next.run.view.started_at = now_;
    next.run.view.ended_at.reset();
    if (const Status started = StartRun(dag, next); !started.ok()) {
      Emit({.kind = EventKind::kScheduler,
            .dag_id = dag.stored.dag_id,
            .run_id = next.run.view.run.run_id,
            .detail = "cannot read its state: " + started.error().message()},
           true);
      return false;  // Its row still says queued: the next start of the program takes it up.
    }
    return true;
  }
  return false;
}

Status Engine::StartRun(DagState& dag, QueuedRun queued) {
  std::vector<OpenTry> open;
  const bool was_running = queued.run.view.state == DagRunState::kRunning;
  queued.run.view.state = DagRunState::kRunning;
  std::unique_ptr<ActiveRun> made;
  if (queued.is_new) {
    made = NewImage(dag, std::move(queued.run));
  } else {
    SG_TRY(made, LoadImage(dag, queued.run));
    // The last try alone says how an instance stands: one before it may still say up_for_retry.
    OpenTry last;
    SG_RETURN_IF_ERROR(store_.Tries(made->number(), [&](const StoredTry& one) {
      const bool same = last.one.task == one.task && last.one.map_index == one.map_index;
      if (same && !open.empty() && open.back().one.task == one.task &&
          open.back().one.map_index == one.map_index)
        open.pop_back();
      const int lost_before = !same || one.cleared ? 0 : last.lost_before + (last.one.lost ? 1 : 0);
      last = {.one = one, .lost_before = lost_before};
      if (!one.cleared && !IsFinished(one.state)) open.push_back(last);
    }));
  }
  ActiveRun& run = *made;
  SG_RETURN_IF_ERROR(LinkPast(dag, run));
  runs_[run.number()] = std::move(made);
  dag.active.insert(run.number());
  if (run.stored.view.backfill == 0) ++dag.active_outside_backfills;
  touched_.insert(run.number());
  const auto& timeout = run.plan().dag.dagrun_timeout;
  if (timeout)
    timers_.insert({.at = run.stored.view.started_at.value_or(now_) + *timeout,
                    .kind = TimerKind::kRun,
                    .subject = run.number()});
  TakeUp(run, open);
  if (!was_running) {
    store_.PutRun(run.stored);
    const RunView& view = run.stored.view;
    Event event = RunEvent(run.stored);
    event.waited = now_ - (view.type == RunType::kScheduled ? view.data_end : view.queued_at);
    Emit(std::move(event), true);
  }
  if (run.stored.cancelled) SkipRest(run);
  again_ = true;
  return Ok();
}

std::unique_ptr<ActiveRun> Engine::NewImage(DagState& dag, StoredRun run) {
  auto made = std::make_unique<ActiveRun>(std::move(run), dag.plan, dag.numbers);
  made->dag = dag.number;
  made->bodies = dag.bodies;
  return made;
}

Result<std::unique_ptr<ActiveRun>> Engine::LoadImage(DagState& dag, const StoredRun& stored) {
  std::unique_ptr<ActiveRun> made = NewImage(dag, stored);
  ActiveRun& run = *made;
  std::unordered_map<int64_t, std::size_t> index;
  for (std::size_t i = 0; i < run.size(); ++i) index[run.task(i).number] = i;
  SG_TRY(const std::vector<StoredRunTask> rests, store_.RunTasks(run.number()));
  for (const StoredRunTask& rest : rests) {
    const auto at = index.find(rest.task);
    if (at != index.end() && !run.task(at->second).expanded && rest.instances > 0)
      run.Expand(at->second, static_cast<std::size_t>(rest.instances));
  }
  SG_RETURN_IF_ERROR(store_.Tries(run.number(), [&](const StoredTry& one) {
    const auto at = index.find(one.task);
    if (at == index.end()) return;
    RunTask& task = run.task(at->second);
    // It was not mapped when it began, and its file says otherwise by now: it has one instance.
    const bool goes_on = !one.cleared && !IsFinished(one.state);
    if (!task.expanded && goes_on) run.Expand(at->second, 1);
    const auto instance = static_cast<std::size_t>(one.map_index);
    if (instance >= task.size()) return;
    task.tries[instance] = static_cast<uint16_t>(one.try_number);
    if (one.cleared) task.SetFreeTries(one.map_index, one.try_number);
    if (one.lost)
      task.SetFreeTries(one.map_index, one.try_number - task.RetriesUsed(one.map_index));
    run.SetState(at->second, one.map_index, one.cleared ? InstanceState::kNone : one.state);
  }));
  for (const StoredRunTask& rest : rests) {
    const auto at = index.find(rest.task);
    if (at != index.end() && IsFinished(rest.state))
      run.SetAll(at->second, InstanceState::kNone, rest.state);
  }
  return made;
}

void Engine::TakeUp(ActiveRun& run, const std::vector<OpenTry>& open) {
  std::unordered_map<int64_t, std::size_t> index;
  for (std::size_t i = 0; i < run.size(); ++i) index[run.task(i).number] = i;
  for (const OpenTry& last : open) {
    const auto at = index.find(last.one.task);
    if (at != index.end() &&
        static_cast<std::size_t>(last.one.map_index) < run.task(at->second).size()) {
      TakeUpTry(run, at->second, last);
      continue;
    }
    StoredTry removed = last.one;
    removed.state = InstanceState::kRemoved;
    removed.ended_at = now_;
    removed.next_at.reset();
    store_.UpdateTry(std::move(removed));
  }
}

void Engine::TakeUpTry(ActiveRun& run, std::size_t index, const OpenTry& last) {
  RunTask& task = run.task(index);
  StoredTry one = last.one;
  if (one.state == InstanceState::kUpForRetry || one.state == InstanceState::kUpForReschedule) {
    if (one.state == InstanceState::kUpForReschedule) task.resumed[one.map_index] = one.started_at;
    return WaitFor(run, index, one.map_index, one.state, one.next_at.value_or(now_));
  }
  // It ran when its process ended: whether it did its work nobody knows, so the try is lost.
  const int used = task.RetriesUsed(one.map_index);
  one.lost = last.lost_before < options_.free_lost_tries;
  one.ended_at = now_;
  one.detail = kLostDetail;
  const bool again = !run.stored.cancelled && (one.lost || used < run.declared(index).retries);
  one.state = again ? InstanceState::kUpForRetry : InstanceState::kFailed;
  if (again) one.next_at = now_;
  if (one.lost) task.SetFreeTries(one.map_index, one.try_number - used);
  if (again) {
    WaitFor(run, index, one.map_index, one.state, now_);
  } else {
    run.SetState(index, one.map_index, one.state);
  }
  Event event = RunEvent(run.stored);
  event.kind = EventKind::kInstance;
  event.task_id = run.declared(index).id;
  event.map_index = one.map_index;
  event.try_number = one.try_number;
  event.state = one.state;
  event.detail = one.detail;
  Emit(std::move(event), true);
  store_.UpdateTry(std::move(one));
}

Status Engine::LinkPast(DagState& dag, ActiveRun& run) {
  if (!dag.has_past) return Ok();
  SG_TRY(const std::optional<StoredRun> before,
         store_.RunBefore(dag.stored.dag_id, run.stored.view.run.logical_date));
  if (!before) return Ok();  // The first run is exempt.
  run.previous = before->view.number;
  const auto active = runs_.find(run.previous);
  std::unique_ptr<ActiveRun> loaded;
  if (active == runs_.end()) {
    SG_TRY(loaded, LoadImage(dag, *before));
  }
  const ActiveRun& past = loaded ? *loaded : *active->second;
  for (std::size_t i = 0; i < run.size(); ++i) {
    if (!run.declared(i).depends_on_past) continue;
    const std::size_t there = past.plan().IndexOf(run.declared(i).id);
    run.task(i).past_ok = there == past.size() || IsWell(past.task(there));
  }
  return Ok();
}

void Engine::PastChanged(const ActiveRun& past) {
  DagState& dag = *dags_[past.dag];
  if (!dag.has_past) return;
  for (const int64_t number : dag.active) {
    ActiveRun& run = *runs_.at(number);
    if (run.previous != past.number()) continue;
    for (std::size_t i = 0; i < run.size(); ++i) {
      if (!run.declared(i).depends_on_past) continue;
      const std::size_t there = past.plan().IndexOf(run.declared(i).id);
      const bool ok = there == past.size() || IsWell(past.task(there));
      if (ok == run.task(i).past_ok) continue;
      run.task(i).past_ok = ok;
      if (!ok || run.task(i).decision != Decision::kWait) continue;
      run.Undecide(i);
      touched_.insert(number);
    }
  }
}

Result<std::vector<DueRun>> Engine::DatesOf(DagState& dag, const StoredBackfill& backfill) {
  if (!ports_.runs_between)
    return Error(ErrorKind::kUnsupported, "no timetable can say which dates a backfill has");
  std::vector<DueRun> dates = ports_.runs_between(
      dag.plan->dag, backfill.view.from, backfill.view.to, kMaxBackfillRuns + 1);
  if (dates.size() > kMaxBackfillRuns)
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("a backfill of more than {} runs", kMaxBackfillRuns))
        .Remedy("split the dates");
  if (backfill.view.backwards) std::reverse(dates.begin(), dates.end());
  return dates;
}

void Engine::AdvanceBackfills() {
  std::vector<int64_t> done;
  for (auto& [number, backfill] : backfills_) {
    AdvanceBackfill(backfill);
    if (backfill.stored.view.state == BackfillState::kDone ||
        (backfill.stored.view.state == BackfillState::kCancelled && backfill.active.empty()))
      done.push_back(number);
  }
  for (const int64_t number : done) backfills_.erase(number);
}

void Engine::AdvanceBackfill(ActiveBackfill& backfill) {
  BackfillView& view = backfill.stored.view;
  DagState* dag = Find(view.dag_id);
  if (dag == nullptr || !dag->declared || view.state != BackfillState::kRunning || !MayMakeRuns())
    return;
  if (backfill.dates.empty() && view.made < view.total) {
    auto dates = DatesOf(*dag, backfill.stored);
    if (!dates.ok()) return;
    backfill.dates = std::move(dates).value();
    view.total = static_cast<int64_t>(backfill.dates.size());
  }
  const int64_t made_before = view.made;
  while (view.made < view.total &&
         static_cast<int>(backfill.active.size()) < view.max_active_runs) {
    const DueRun& due = backfill.dates[static_cast<std::size_t>(view.made++)];
    const auto existing = store_.FindRunAt(view.dag_id, due.logical_date);
    if (existing.ok() && !existing.value() && HasRunFor(*dag, due.logical_date)) continue;
    if (existing.ok() && existing.value()) {
      StoredRun run = *existing.value();
      const bool wanted =
          (backfill.stored.reprocess == Reprocess::kCompleted && IsFinished(run.view.state)) ||
          (backfill.stored.reprocess == Reprocess::kFailed &&
           run.view.state == DagRunState::kFailed);
      if (!wanted) continue;
      if (HasAbandoned(run.view.number)) {  // Two bodies of one instance must never work at once.
        --view.made;
        break;
      }
      Selection all{.dag_id = view.dag_id, .run_id = run.view.run.run_id};
      run.view.backfill = view.number;
      auto chosen = ChoiceOf(*dag, std::move(run), all);
      if (!chosen.ok()) continue;
      for (const std::size_t task : chosen.value().tasks)
        ClearInstances(
            chosen.value().image(), task, InstancesOf(chosen.value().image(), task, all));
      backfill.active.insert(chosen.value().run.view.number);
      Requeue(*dag, chosen.value());
      continue;
    }
    RunView wish;
    wish.run.run_id = model::BackfillRunId(due.logical_date);
    wish.conf = backfill.stored.conf;
    wish.backfill = view.number;
    wish.cause = fmt::format("backfill {}", view.number);
    StoredRun run = MakeRun(*dag, RunType::kBackfill, due, std::move(wish));
    backfill.active.insert(run.view.number);
    Enqueue(*dag, std::move(run), true);
  }
  const bool done = view.made >= view.total && backfill.active.empty();
  if (done) view.state = BackfillState::kDone;
  if (done || view.made != made_before) store_.PutBackfill(backfill.stored);
}

void Engine::BackfillRunEnded(const ActiveRun& run, DagRunState state) {
  const auto at = backfills_.find(run.stored.view.backfill);
  if (at == backfills_.end() || at->second.active.erase(run.number()) == 0) return;
  BackfillView& view = at->second.stored.view;
  ++(state == DagRunState::kSuccess ? view.succeeded : view.failed);
  store_.PutBackfill(at->second.stored);
}

}  // namespace stargaze::orchestrate
