#include "orchestrate/engine.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::seconds;

constexpr seconds kRetryCommitAfter{1};
constexpr seconds kDiskCheckEvery{60};
constexpr const char* kDropped = "was dropped: too many wait";
constexpr int64_t kEventsKept = 100'000;  // On disk.

InstanceState StateAfter(Decision decision) {
  return decision == Decision::kSkip ? InstanceState::kSkipped : InstanceState::kUpstreamFailed;
}

}  // namespace

Engine::Engine(RunStore& store,
               SchedulerOptions options,
               SchedulerPorts ports,
               Clock& clock,
               Random& random,
               Executor& executor,
               EventLog& log)
    : store_(store),
      options_(std::move(options)),
      ports_(std::move(ports)),
      clock_(clock),
      random_(random),
      executor_(executor),
      log_(log),
      now_(clock.Now()),
      watch_(std::make_shared<CallbackWatch>(clock, options_.callback_limit)) {
  last_event_ = store_.last_event();
}

void Engine::Tick() {
  now_ = clock_.Now();
  ++tick_;
  again_ = false;
  for (const WorkDone& done : executor_.TakeDone()) Ended(done);
  TellCallbackFailures();
  FireTimers();
  Beat();
  if (store_ok_ && !stopping_) {
    AskTimetables();
    AdvanceBackfills();
    StartQueuedRuns();
  }
  Settle();
  if (store_ok_ && !stopping_) Dispatch();
  NoteDecisions();
  CommitAll();
  ended_.clear();

  const std::lock_guard lock(health_mutex_);
  health_.heartbeat_at = now_;
  health_.running = in_flight_;
  health_.ready = static_cast<int64_t>(ready_.size());
  health_.active_runs = static_cast<int64_t>(runs_.size());
  health_.abandoned = abandoned_;
  health_.new_runs_held_by_disk = held_by_disk_;
}

Instant Engine::NextWake() const {
  if (again_) return now_;
  Instant next = next_beat_;
  if (!timers_.empty()) next = std::min(next, timers_.begin()->at);
  if (!store_ok_) next = std::min(next, retry_commit_at_);
  return std::max(next, now_);
}

void Engine::Beat() {
  if (now_ < next_beat_) return;
  next_beat_ = now_ + options_.heartbeat;
  if (now_ < next_disk_check_) return;
  next_disk_check_ = now_ + kDiskCheckEvery;
  store_.PruneEvents(kEventsKept);
  if (!ports_.disk_days_left) return;
  const std::optional<double> days = ports_.disk_days_left();
  const bool held = days && *days < options_.min_disk_days_left;
  if (held != held_by_disk_) {
    held_by_disk_ = held;
    Emit({.kind = EventKind::kScheduler,
          .detail =
              held ? fmt::format("the disk is full in {:.1f} days: no new runs until there is room",
                                 *days)
                   : "the disk has room again: new runs begin"},
         true);
    for (const auto& dag : dags_) {
      asking_.insert(dag->number);
      starting_.insert(dag->number);
    }
  }
  const std::lock_guard lock(health_mutex_);
  health_.disk_days_left = days;
}

void Engine::FireTimers() {
  while (!timers_.empty() && timers_.begin()->at <= now_) {
    const Timer timer = *timers_.begin();
    timers_.erase(timers_.begin());
    FireTimer(timer);
  }
}

void Engine::FireTimer(const Timer& timer) {
  switch (timer.kind) {
    case TimerKind::kDag:
      asking_.insert(static_cast<std::size_t>(timer.subject));
      return;
    case TimerKind::kFlight: {
      const auto flight = flights_.find(static_cast<uint64_t>(timer.subject));
      if (flight == flights_.end()) return;
      flight->second.timer_at.reset();
      if (flight->second.stop == StopReason::kNone) return TimeOut(flight->first, flight->second);
      return Abandon(flight->first, flight->second);
    }
    default:
      break;
  }
  const auto found = runs_.find(timer.subject);
  if (found == runs_.end()) return;
  ActiveRun& run = *found->second;
  if (timer.kind == TimerKind::kRun) {
    if (run.stored.cancelled) return;
    run.stored.cancelled = true;
    run.stored.view.cause = fmt::format("did not end within its dagrun_timeout of {} s",
                                        run.plan().dag.dagrun_timeout.value_or(seconds(0)).count());
    return SkipRest(run);
  }
  RunTask& task = run.task(timer.task);
  const auto due = task.due.find(timer.map_index);
  if (due == task.due.end() || due->second > now_) return;
  task.due.erase(due);
  if (task.decision == Decision::kSkip || task.decision == Decision::kUpstreamFailed) {
    // Its rule was decided anew while it waited: no further try.
    const InstanceState to = StateAfter(task.decision);
    task.resumed.erase(timer.map_index);
    store_.UpdateTry({.run = run.number(),
                      .task = task.number,
                      .map_index = timer.map_index,
                      .try_number = task.tries[static_cast<std::size_t>(timer.map_index)],
                      .state = to,
                      .ended_at = now_});
    run.SetState(timer.task, timer.map_index, to);
    touched_.insert(run.number());
    return;
  }
  run.SetState(timer.task, timer.map_index, InstanceState::kScheduled);
  task.again.insert(timer.map_index);
  task.ready_since = now_;
  UpdateReady(run, timer.task);
}

void Engine::Settle() {
  // An end touches the runs that depend on it.
  while (!touched_.empty()) {
    const int64_t number = *touched_.begin();
    touched_.erase(touched_.begin());
    const auto found = runs_.find(number);
    if (found == runs_.end()) continue;
    Evaluate(*found->second);
    CheckEnd(*found->second);
  }
}

void Engine::Evaluate(ActiveRun& run) {
  for (auto undecided = run.TakeUndecided(); !undecided.empty(); undecided = run.TakeUndecided()) {
    for (const std::size_t index : undecided) {
      RunTask& task = run.task(index);
      if (task.decision != Decision::kWait) continue;
      const model::DagTask& declared = run.declared(index);
      const Decision decision =
          run.stored.cancelled
              ? Decision::kSkip
              : Decide(declared.trigger_rule, task.upstream, !declared.for_each.empty());
      const bool waits_for_past =
          decision == Decision::kRun && declared.depends_on_past && !task.past_ok;
      if (decision != Decision::kWait && !waits_for_past) Apply(run, index, decision);
      UpdateReady(run, index);
    }
  }
}

void Engine::Apply(ActiveRun& run, std::size_t index, Decision decision) {
  RunTask& task = run.task(index);
  task.decision = decision;
  task.ready_since = now_;
  if (decision == Decision::kRun) {
    // One that ended before it was known how many there are stays ended.
    const bool expands = !task.expanded && !IsFinished(task.states.front());
    if (expands && !ExpandNow(run, index)) return;
    task.fresh = 0;
    if (run.SetAll(index, InstanceState::kNone, InstanceState::kScheduled) > 0)
      decided_.emplace_back(run.number(), index);
    return;
  }
  const InstanceState to = StateAfter(decision);
  for (const int map_index : std::exchange(task.again, {})) {
    task.resumed.erase(map_index);
    store_.UpdateTry({.run = run.number(),
                      .task = task.number,
                      .map_index = map_index,
                      .try_number = task.tries[static_cast<std::size_t>(map_index)],
                      .state = to,
                      .ended_at = now_});
  }
  const int64_t changed = run.SetAll(index, InstanceState::kNone, to) +
                          run.SetAll(index, InstanceState::kScheduled, to);
  if (changed == 0) return;
  decided_.emplace_back(run.number(), index);
  Event event = RunEvent(run.stored);
  event.kind = EventKind::kTask;
  event.task_id = run.declared(index).id;
  event.state = to;
  Emit(std::move(event), true);
}

// False when it has no instances to run: then it has ended.
bool Engine::ExpandNow(ActiveRun& run, std::size_t index) {
  RunTask& task = run.task(index);
  const model::DagTask& declared = run.declared(index);
  Result<int> count = Error(ErrorKind::kUnsupported, "nobody can say how many instances it has");
  if (ports_.count_of) count = ports_.count_of(run.plan().dag, declared, run.stored.view.run);
  if (count.ok() && count.value() > options_.max_map_length)
    count = Error(ErrorKind::kInvalidInput,
                  fmt::format("{} instances are more than max_map_length={}",
                              count.value(),
                              options_.max_map_length));
  if (count.ok() && count.value() > 0) {
    run.Expand(index, static_cast<std::size_t>(count.value()));
    return true;
  }
  task.decision = count.ok() ? Decision::kSkip : Decision::kUpstreamFailed;
  const InstanceState state = count.ok() ? InstanceState::kSkipped : InstanceState::kFailed;
  run.SetState(index, 0, state);
  store_.PutRunTask(run.number(), {.task = task.number, .instances = 0, .state = state});
  Event event = RunEvent(run.stored);
  event.kind = EventKind::kTask;
  event.task_id = declared.id;
  event.state = state;
  event.detail = count.ok() ? "mapped over nothing" : count.error().message();
  Emit(std::move(event), true);
  return false;
}

void Engine::CheckEnd(ActiveRun& run) {
  const int64_t flying = run.InState(InstanceState::kQueued) + run.InState(InstanceState::kRunning);
  if (run.stored.cancelled) {
    if (flying == 0) EndRun(run, DagRunState::kFailed, run.stored.view.cause);
    return;
  }
  if (run.unfinished() == 0) {
    const DagRunState verdict = run.Verdict();
    return EndRun(run, verdict, run.stored.view.cause);
  }
  if (run.Moves()) return;
  std::string waiting;
  for (std::size_t i = 0; i < run.size(); ++i) {
    const RunTask& task = run.task(i);
    if (task.Finished() == static_cast<int64_t>(task.size())) continue;
    // Somebody may still mend the run before.
    if (run.declared(i).depends_on_past && !task.past_ok) return;
    waiting += (waiting.empty() ? "" : ", ") + run.declared(i).id;
  }
  EndRun(
      run, DagRunState::kFailed, "deadlocked: nothing can still begin, but these wait: " + waiting);
}

void Engine::EndRun(ActiveRun& run, DagRunState state, const std::string& cause) {
  RunView& view = run.stored.view;
  view.state = state;
  view.ended_at = now_;
  view.cause = cause;
  store_.PutRun(run.stored);
  Event event = RunEvent(run.stored);
  event.took = now_ - view.started_at.value_or(now_);
  Emit(std::move(event), true);
  const model::Dag& declared = run.plan().dag;
  CallBack(run,
           state == DagRunState::kSuccess ? declared.on_success : declared.on_failure,
           nullptr,
           nullptr);
  if (declared.dagrun_timeout)
    timers_.erase({.at = view.started_at.value_or(now_) + *declared.dagrun_timeout,
                   .kind = TimerKind::kRun,
                   .subject = run.number()});
  DagState& dag = *dags_[run.dag];
  dag.active.erase(run.number());
  if (view.backfill == 0) --dag.active_outside_backfills;
  PastChanged(run);
  BackfillRunEnded(run, state);
  starting_.insert(run.dag);
  asking_.insert(run.dag);
  again_ = true;
  const auto at = runs_.find(run.number());
  ended_.push_back(std::move(at->second));
  runs_.erase(at);
}

void Engine::SkipRest(ActiveRun& run) {
  store_.PutRun(run.stored);
  for (std::size_t i = 0; i < run.size(); ++i) {
    RunTask& task = run.task(i);
    // What waits for another try has failed already; only its retry is taken away.
    for (const auto& [map_index, at] : std::exchange(task.due, {})) {
      timers_.erase({.at = at,
                     .kind = TimerKind::kInstance,
                     .subject = run.number(),
                     .task = i,
                     .map_index = map_index});
      task.resumed.erase(map_index);
      run.SetState(i, map_index, InstanceState::kFailed);
      store_.UpdateTry({.run = run.number(),
                        .task = task.number,
                        .map_index = map_index,
                        .try_number = task.tries[static_cast<std::size_t>(map_index)],
                        .state = InstanceState::kFailed,
                        .ended_at = now_});
    }
    task.decision = Decision::kWait;
    Apply(run, i, Decision::kSkip);
    UpdateReady(run, i);
    std::vector<uint64_t> tickets;
    for (const auto& [map_index, ticket] : task.flights) tickets.push_back(ticket);
    for (const uint64_t ticket : tickets) StopFlight(ticket, StopReason::kCancelled);
  }
  touched_.insert(run.number());
}

void Engine::NoteDecisions() {
  for (const auto& [number, index] : std::exchange(decided_, {})) {
    const auto found = runs_.find(number);
    const ActiveRun* run = found == runs_.end() ? nullptr : found->second.get();
    for (const auto& ended : ended_)
      if (ended->number() == number) run = ended.get();
    if (run == nullptr) continue;
    const RunTask& task = run->task(index);
    InstanceState state = InstanceState::kScheduled;
    if (task.decision == Decision::kSkip) state = InstanceState::kSkipped;
    if (task.decision == Decision::kUpstreamFailed) state = InstanceState::kUpstreamFailed;
    // One that began at once has a row of its own.
    const bool began = task.size() == 1 && state == InstanceState::kScheduled &&
                       task.Count(InstanceState::kScheduled) == 0;
    if (began && run->declared(index).for_each.empty()) continue;
    store_.PutRunTask(number,
                      {.task = task.number, .instances = task.known_size(), .state = state});
  }
}

void Engine::CommitAll() {
  if (!store_ok_ && now_ < retry_commit_at_) return;
  const Status committed = store_.Commit();
  store_ok_ = committed.ok();
  {
    const std::lock_guard lock(health_mutex_);
    health_.trouble = store_ok_ ? "" : committed.error().message();
  }
  if (store_ok_) return Tell();
  retry_commit_at_ = now_ + kRetryCommitAfter;
}

void Engine::Tell() {
  for (const uint64_t ticket : std::exchange(chosen_, {})) {
    Flight& flight = flights_.at(ticket);
    flight.submitted = true;
    Pool& pool = pools_[flight.pool];
    pool.queued -= flight.slots;
    pool.running += flight.slots;
    ActiveRun& run = *runs_.at(flight.run);
    run.SetState(flight.task, flight.map_index, InstanceState::kRunning);
    Event event = RunEvent(run.stored);
    event.kind = EventKind::kInstance;
    event.task_id = run.declared(flight.task).id;
    event.map_index = flight.map_index;
    event.try_number = flight.try_number;
    event.state = InstanceState::kRunning;
    event.pool = flight.pool;
    event.waited = flight.handed_at - run.task(flight.task).ready_since;
    Emit(std::move(event), false);
  }
  std::vector<uint64_t> to_stop;
  for (const WorkItem& item : to_submit_)
    if (flights_.at(item.ticket).stop != StopReason::kNone) to_stop.push_back(item.ticket);
  if (!to_submit_.empty()) executor_.Submit(std::exchange(to_submit_, {}));
  for (const uint64_t ticket : to_stop) executor_.RequestStop(ticket);

  const std::vector<Event> events = std::exchange(events_, {});
  log_.Publish(events);
  if (ports_.observe)
    for (const Event& event : events) ports_.observe(event);
  for (CallbackCall& called : std::exchange(callbacks_, {})) {
    CallbackFailure dropped{.name = called.name, .context = called.context, .detail = kDropped};
    if (!executor_.RunAside(CallbackWatch::Guard(
            watch_, std::move(called.name), std::move(called.callback), std::move(called.context))))
      TellCallbackFailure(dropped);
  }
  for (auto& answer : std::exchange(answers_, {})) answer();
}

void Engine::TellCallbackFailures() {
  for (const CallbackFailure& failure : watch_->TakeFailures()) TellCallbackFailure(failure);
}

void Engine::TellCallbackFailure(const CallbackFailure& failure) {
  const CallbackContext& context = failure.context;
  Emit({.kind = EventKind::kCallback,
        .dag_id = context.run.run.dag_id,
        .run_id = context.run.run.run_id,
        .task_id = context.task_id,
        .map_index = context.map_index,
        .try_number = context.try_number,
        .state = context.state,
        .run_state = context.run.state,
        .detail = fmt::format("callback {}: {}", failure.name, failure.detail)},
       true);
}

Event Engine::RunEvent(const StoredRun& run) const {
  return {.kind = EventKind::kRun,
          .dag_id = run.view.run.dag_id,
          .run_id = run.view.run.run_id,
          .run_state = run.view.state,
          .detail = run.view.cause};
}

void Engine::Emit(Event event, bool keep) {
  // Microseconds since the epoch: ids go on growing after a restart, also past events that only
  // memory knew.
  last_event_ = std::max<int64_t>(last_event_ + 1, now_.time_since_epoch().count());
  event.id = last_event_;
  event.at = now_;
  if (keep) store_.InsertEvent(event);
  events_.push_back(std::move(event));
}

HealthView Engine::GetHealth() const {
  HealthView view;
  {
    const std::lock_guard lock(health_mutex_);
    view = health_;
  }
  const Instant now = clock_.Now();
  view.heartbeat_age =
      std::max(seconds(0), std::chrono::duration_cast<seconds>(now - view.heartbeat_at));
  view.stands_still = view.heartbeat_age > options_.stands_still_after;
  return view;
}

}  // namespace stargaze::orchestrate
