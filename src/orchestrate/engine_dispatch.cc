// What begins, how it ends, and what that means for its instance.

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/assert.h"
#include "orchestrate/engine.h"
#include "orchestrate/retry.h"
#include "orchestrate/run_queries.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::seconds;

constexpr std::size_t kMaxDetail = 1000;

std::string Cut(std::string text) {
  if (text.size() > kMaxDetail) text.resize(kMaxDetail);
  return text;
}

bool IsDone(const Result<Outcome>& result) {
  return result.ok() && (result.value().state == OutcomeState::kSuccess ||
                         result.value().state == OutcomeState::kPartial ||
                         result.value().state == OutcomeState::kSkip);
}

struct Failure {
  std::string detail{};
  bool retryable = true;
  std::optional<Instant> at{};
};

Failure FailureOf(const Result<Outcome>& result, const Flight& flight, Instant now) {
  if (flight.stop == StopReason::kTimeout && (!result.ok() || !IsDone(result))) {
    const std::string said = result.ok() ? result.value().detail : result.error().message();
    return {.detail = "stopped after its execution_timeout: " + said};
  }
  if (result.ok()) {
    const Outcome& outcome = result.value();
    const bool retry = outcome.state == OutcomeState::kRetry;
    Failure failure{.detail = outcome.detail, .retryable = retry};
    if (retry && outcome.at != Instant()) failure.at = outcome.at;
    return failure;
  }
  const Error& error = result.error();
  Failure failure{.detail = error.message(), .retryable = error.retryable()};
  if (error.retry_after()) failure.at = now + *error.retry_after();
  return failure;
}

}  // namespace

Lane Engine::LaneOf(const ActiveRun& run, std::size_t task) const {
  const model::DagTask& declared = run.declared(task);
  return {.pool = declared.pool, .slots = declared.pool_slots, .load = declared.load};
}

bool Engine::MayServe(const Lane& lane) const {
  const auto pool = pools_.find(lane.pool);
  if (pool == pools_.end() || pool->second.open() < lane.slots) return false;
  const int64_t of_load =
      lane.load == model::TaskLoad::kCpu ? cpu_in_flight_ : in_flight_ - cpu_in_flight_;
  return of_load < static_cast<int64_t>(executor_.Capacity(lane.load));
}

void Engine::Dispatch() {
  const auto may_serve = [this](const Lane& lane) { return MayServe(lane); };
  while (in_flight_ < options_.parallelism) {
    const auto pick = ready_.Best(may_serve);
    if (!pick) return;
    Choose(*runs_.at(pick->key.run), pick->key.task);
  }
}

void Engine::UpdateReady(ActiveRun& run, std::size_t index) {
  RunTask& task = run.task(index);
  const model::DagTask& declared = run.declared(index);
  bool ready = task.decision == Decision::kRun && task.Count(InstanceState::kScheduled) > 0 &&
               !run.stored.cancelled;
  if (ready && declared.max_active_tis_per_dag) {
    const auto& active = dags_[run.dag]->active_by_task;
    const auto count = active.find(task.number);
    ready = count == active.end() || count->second < *declared.max_active_tis_per_dag;
  }
  if (ready == task.is_ready) return;
  task.is_ready = ready;
  const ReadyKey key{.priority = run.plan().tasks[index].priority,
                     .run_date = run.stored.view.run.logical_date,
                     .run = run.number(),
                     .task = index};
  if (ready) return ready_.Add(run.dag, LaneOf(run, index), key);
  ready_.Remove(run.dag, LaneOf(run, index), key);
}

void Engine::UpdateDoor(DagState& dag) {
  ready_.SetOpen(dag.number,
                 !dag.stored.paused && dag.plan != nullptr &&
                     dag.active_tasks < dag.plan->dag.max_active_tasks);
}

void Engine::TakeSlots(const Flight& flight, int64_t direction) {
  Pool& pool = pools_[flight.pool];
  (flight.submitted ? pool.running : pool.queued) += direction * flight.slots;
  in_flight_ += direction;
  if (flight.load == model::TaskLoad::kCpu) cpu_in_flight_ += direction;
  DagState& dag = *dags_[flight.dag];
  dag.active_tasks += direction;
  UpdateDoor(dag);
  const auto limited = dag.active_by_task.find(flight.task_number);
  if (limited == dag.active_by_task.end()) return;
  limited->second += static_cast<int>(direction);
  for (const int64_t number : dag.active) {
    ActiveRun& run = *runs_.at(number);
    for (std::size_t i = 0; i < run.size(); ++i)
      if (run.task(i).number == flight.task_number) UpdateReady(run, i);
  }
}

void Engine::Choose(ActiveRun& run, std::size_t index) {
  RunTask& task = run.task(index);
  const model::DagTask& declared = run.declared(index);
  const int map_index = task.NextScheduled();
  SG_ASSERT(map_index >= 0);
  task.again.erase(map_index);
  const auto resumed = task.resumed.find(map_index);
  const bool is_resumed = resumed != task.resumed.end();
  uint16_t& tries = task.tries[static_cast<std::size_t>(map_index)];
  if (!is_resumed) ++tries;

  const uint64_t ticket = ++last_ticket_;
  Flight flight{.run = run.number(),
                .task = index,
                .dag = run.dag,
                .task_number = task.number,
                .map_index = map_index,
                .try_number = tries,
                .slots = declared.pool_slots,
                .pool = declared.pool,
                .load = declared.load,
                .started_at = is_resumed ? resumed->second : now_,
                .handed_at = now_};
  if (is_resumed) task.resumed.erase(resumed);
  const Instant deadline =
      now_ + declared.execution_timeout.value_or(options_.default_execution_timeout);
  flight.timer_at = deadline;
  timers_.insert(
      {.at = deadline, .kind = TimerKind::kFlight, .subject = static_cast<int64_t>(ticket)});

  WorkItem item{.ticket = ticket, .body = (*run.bodies)[index], .load = declared.load};
  item.context.attempt = model::NewAttempt(
      {.run = run.stored.view.run, .task_id = declared.id, .map_index = map_index}, tries, random_);
  item.context.data_start = run.stored.view.data_start;
  item.context.data_end = run.stored.view.data_end;
  item.context.conf = run.stored.view.conf;
  item.context.instances = static_cast<int>(task.size());
  item.context.last_try = task.RetriesUsed(map_index) >= declared.retries;
  item.context.deadline = deadline;
  item.log_path =
      LogPath(run.plan().dag.dag_id, run.stored.view.run.run_id, declared.id, map_index, tries);
  StoredTry start{.run = run.number(),
                  .task = task.number,
                  .map_index = map_index,
                  .try_number = tries,
                  .state = InstanceState::kRunning,
                  .started_at = flight.started_at,
                  .attempt_hex = item.context.attempt.hex};
  if (is_resumed) {
    store_.UpdateTry(std::move(start));
  } else {
    store_.InsertTry(std::move(start));
  }
  run.SetState(index, map_index, InstanceState::kQueued);
  task.flights[map_index] = ticket;
  TakeSlots(flight, 1);
  UpdateReady(run, index);
  flights_.emplace(ticket, std::move(flight));
  to_submit_.push_back(std::move(item));
  chosen_.push_back(ticket);
}

void Engine::Land(uint64_t ticket) {
  const auto at = flights_.find(ticket);
  if (at->second.timer_at)
    timers_.erase({.at = *at->second.timer_at,
                   .kind = TimerKind::kFlight,
                   .subject = static_cast<int64_t>(ticket)});
  TakeSlots(at->second, -1);
  flights_.erase(at);
}

void Engine::Ended(const WorkDone& done) {
  const auto at = flights_.find(done.ticket);
  SG_ASSERT(at != flights_.end());
  Flight& flight = at->second;
  if (flight.abandoned) {
    --abandoned_;
    Emit({.kind = EventKind::kScheduler,
          .map_index = flight.map_index,
          .pool = flight.pool,
          .detail = "an abandoned body has returned; its slots are free"},
         true);
    return Land(done.ticket);
  }
  ActiveRun& run = *runs_.at(flight.run);
  const std::size_t task = flight.task;
  ApplyOutcome(run, flight, done.result, now_);
  Land(done.ticket);
  UpdateReady(run, task);
  touched_.insert(run.number());
}

void Engine::ApplyOutcome(ActiveRun& run,
                          Flight& flight,
                          const Result<Outcome>& result,
                          Instant at) {
  const model::DagTask& declared = run.declared(flight.task);
  RunTask& task = run.task(flight.task);
  StoredTry end{.run = flight.run,
                .task = flight.task_number,
                .map_index = flight.map_index,
                .try_number = flight.try_number,
                .started_at = flight.started_at,
                .ended_at = at};
  if (result.ok()) end.detail = Cut(result.value().detail);
  if (IsDone(result)) {
    end.state = result.value().state == OutcomeState::kSkip ? InstanceState::kSkipped
                                                            : InstanceState::kSuccess;
    end.partial = result.value().state == OutcomeState::kPartial;
    if (flight.stop == StopReason::kMarked) end.state = flight.marked;
    return EndTry(run, flight, std::move(end));
  }
  if (result.ok() && result.value().state == OutcomeState::kReschedule &&
      flight.stop == StopReason::kNone) {
    const Instant next = std::max(result.value().at, at);
    if (next <= flight.started_at + options_.reschedule_limit) {
      end.state = InstanceState::kUpForReschedule;
      end.ended_at.reset();
      end.next_at = next;
      task.resumed[flight.map_index] = flight.started_at;
      return EndTry(run, flight, std::move(end));
    }
    end.state = InstanceState::kFailed;
    end.detail = Cut("was rescheduled for too long: " + end.detail);
    return EndTry(run, flight, std::move(end));
  }
  Failure failure = FailureOf(result, flight, at);
  end.detail = Cut(failure.detail);
  end.state = InstanceState::kFailed;
  if (flight.stop == StopReason::kMarked) end.state = flight.marked;
  if (flight.stop == StopReason::kShutdown) {
    end.lost = true;
    end.state = InstanceState::kUpForRetry;
    end.next_at = at;
  }
  const bool by_itself = flight.stop == StopReason::kNone || flight.stop == StopReason::kTimeout;
  const int used = task.RetriesUsed(flight.map_index);
  if (by_itself && failure.retryable && used < declared.retries) {
    end.state = InstanceState::kUpForRetry;
    end.next_at = std::max(
        at,
        failure.at.value_or(
            at + RetryDelay(
                     declared, run.plan().dag.dag_id, run.stored.view.run.logical_date, used + 1)));
  }
  EndTry(run, flight, std::move(end));
}

void Engine::EndTry(ActiveRun& run, const Flight& flight, StoredTry end) {
  RunTask& task = run.task(flight.task);
  const model::DagTask& declared = run.declared(flight.task);
  task.flights.erase(flight.map_index);
  end.cleared = flight.stop == StopReason::kCleared;
  if (end.cleared) {
    end.next_at.reset();
    if (!IsFinished(end.state)) end.state = InstanceState::kFailed;
    task.resumed.erase(flight.map_index);
    task.SetFreeTries(flight.map_index, end.try_number);
    run.SetState(flight.task, flight.map_index, InstanceState::kNone);
    run.Undecide(flight.task);
  } else if (end.next_at && !run.stored.cancelled) {
    if (end.lost)
      task.SetFreeTries(flight.map_index, end.try_number - task.RetriesUsed(flight.map_index));
    WaitFor(run, flight.task, flight.map_index, end.state, *end.next_at);
  } else {
    if (end.next_at) end.state = InstanceState::kFailed;
    end.next_at.reset();
    run.SetState(flight.task, flight.map_index, end.state);
  }
  EmitInstance(run, flight, end);
  const bool told = flight.stop == StopReason::kNone || flight.stop == StopReason::kTimeout;
  if (told && end.state == InstanceState::kSuccess)
    CallBack(run, declared.on_success, &flight, &end);
  if (told && end.state == InstanceState::kFailed)
    CallBack(run, declared.on_failure, &flight, &end);
  if (told && end.state == InstanceState::kUpForRetry)
    CallBack(run, declared.on_retry, &flight, &end);
  store_.UpdateTry(std::move(end));
}

void Engine::WaitFor(
    ActiveRun& run, std::size_t task, int map_index, InstanceState state, Instant at) {
  run.SetState(task, map_index, state);
  run.task(task).due[map_index] = at;
  timers_.insert({.at = at,
                  .kind = TimerKind::kInstance,
                  .subject = run.number(),
                  .task = task,
                  .map_index = map_index});
}

void Engine::TimeOut(uint64_t ticket, Flight&) {
  StopFlight(ticket, StopReason::kTimeout);
}

void Engine::StopFlight(uint64_t ticket, StopReason reason) {
  Flight& flight = flights_.at(ticket);
  if (flight.abandoned) return;
  const bool asked = flight.stop != StopReason::kNone;
  // What people have said of it holds although its run is cancelled or the program stops.
  const bool said = flight.stop == StopReason::kMarked || flight.stop == StopReason::kCleared;
  const bool says = reason == StopReason::kMarked || reason == StopReason::kCleared;
  if (!said || says) flight.stop = reason;
  if (asked) return;
  if (flight.timer_at)
    timers_.erase({.at = *flight.timer_at,
                   .kind = TimerKind::kFlight,
                   .subject = static_cast<int64_t>(ticket)});
  flight.timer_at = now_ + options_.stop_grace;
  timers_.insert({.at = *flight.timer_at,
                  .kind = TimerKind::kFlight,
                  .subject = static_cast<int64_t>(ticket)});
  if (flight.submitted) executor_.RequestStop(ticket);
}

// A thread cannot be ended from outside. Its instance ends as failed and is not tried again, since
// two bodies of one instance must never work at once; the slots stay taken until it returns.
void Engine::Abandon(uint64_t ticket, Flight& flight) {
  ActiveRun& run = *runs_.at(flight.run);
  RunTask& task = run.task(flight.task);
  // At the end of the program it is as if it had been killed: the next start tries it again.
  if (stopping_) return;
  if (!flight.submitted) {  // The store cannot be written: nothing has begun yet, so wait on.
    flight.timer_at = now_ + options_.stop_grace;
    timers_.insert({.at = *flight.timer_at,
                    .kind = TimerKind::kFlight,
                    .subject = static_cast<int64_t>(ticket)});
    return;
  }
  StoredTry end{.run = flight.run,
                .task = flight.task_number,
                .map_index = flight.map_index,
                .try_number = flight.try_number,
                .state = InstanceState::kFailed,
                .started_at = flight.started_at,
                .ended_at = now_};
  end.detail = fmt::format(
      "ignored its stop for {} s and was abandoned; its slots stay taken until it returns",
      options_.stop_grace.count());
  if (flight.stop == StopReason::kMarked) end.state = flight.marked;
  task.flights.erase(flight.map_index);
  run.SetState(flight.task, flight.map_index, end.state);
  EmitInstance(run, flight, end);
  if (flight.stop == StopReason::kTimeout)
    CallBack(run, run.declared(flight.task).on_failure, &flight, &end);
  store_.UpdateTry(std::move(end));
  flight.abandoned = true;
  ++abandoned_;
  touched_.insert(run.number());
}

void Engine::EmitInstance(const ActiveRun& run, const Flight& flight, const StoredTry& end) {
  Event event = RunEvent(run.stored);
  event.kind = EventKind::kInstance;
  event.task_id = run.declared(flight.task).id;
  event.map_index = flight.map_index;
  event.try_number = flight.try_number;
  event.state = end.state;
  event.pool = flight.pool;
  event.waited = flight.handed_at - flight.started_at;
  event.took = now_ - flight.handed_at;
  event.detail = end.detail;
  Emit(std::move(event), end.state != InstanceState::kSuccess);
}

void Engine::CallBack(const ActiveRun& run,
                      const std::vector<std::string>& names,
                      const Flight* flight,
                      const StoredTry* end) {
  for (const std::string& name : names) {
    const auto found = ports_.callbacks.find(name);
    if (found == ports_.callbacks.end()) continue;
    CallbackContext context{.run = run.stored.view, .detail = run.stored.view.cause};
    if (flight != nullptr) {
      context.task_id = run.declared(flight->task).id;
      context.map_index = flight->map_index;
      context.try_number = flight->try_number;
      context.state = end->state;
      context.detail = end->detail;
    }
    callbacks_.push_back({.name = name, .callback = found->second, .context = std::move(context)});
  }
}

void Engine::BeginStop() {
  stopping_ = true;
  std::vector<uint64_t> tickets;
  for (const auto& [ticket, flight] : flights_) tickets.push_back(ticket);
  std::sort(tickets.begin(), tickets.end());
  for (const uint64_t ticket : tickets) StopFlight(ticket, StopReason::kShutdown);
}

}  // namespace stargaze::orchestrate
