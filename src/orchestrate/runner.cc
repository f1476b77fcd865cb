#include "orchestrate/runner.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

namespace stargaze::orchestrate {
namespace {

using std::chrono::seconds;

constexpr std::array<std::string_view, 6> kTaskStates{
    "success", "partial", "skipped", "failed", "upstream_failed", "cancelled"};
constexpr std::array<std::string_view, 4> kRunStates{"success", "partial", "failed", "cancelled"};
constexpr int kMaxDoublings = 10;

bool Blocks(TaskState state) {
  return state == TaskState::kFailed || state == TaskState::kUpstreamFailed;
}

TaskState StateOf(OutcomeState outcome) {
  if (outcome == OutcomeState::kPartial) return TaskState::kPartial;
  return outcome == OutcomeState::kSkip ? TaskState::kSkipped : TaskState::kSuccess;
}

// One task instance from its first try to its end.
class TaskRun {
 public:
  TaskRun(const model::PipelineTask& task,
          const model::Run& run,
          Clock& clock,
          Random& random,
          const RunOptions& options)
      : task_(task), run_(run), clock_(clock), random_(random), options_(options) {
    report_.task_id = task.id;
    report_.started_at = clock.Now();
    deadline_ = report_.started_at + options.task_limit;
  }

  TaskReport Run(const TaskBody& body) {
    int reschedules = 0;
    while (true) {
      if (options_.stop.stop_requested())
        return Cancelled(Error(ErrorKind::kCancelled, "stopped before the try"));
      Result<Outcome> result = Try(body);
      if (!result.ok()) {
        if (!MayTryAgain(result.error())) return Failed(std::move(result).error());
        const seconds delay = result.error().retry_after().value_or(RetryDelay());
        if (auto end = WaitUntil(clock_.Now() + delay, std::move(result).error())) return *end;
        continue;
      }
      const Outcome& outcome = result.value();
      report_.detail = outcome.detail;
      if (outcome.state == OutcomeState::kReschedule && reschedules++ < options_.max_reschedules) {
        --report_.tries;
        if (auto end = WaitUntil(outcome.at, Error(ErrorKind::kTimeout, "was rescheduled")))
          return *end;
      } else if (outcome.state == OutcomeState::kRetry && !IsLastTry()) {
        const Instant at = outcome.at == Instant() ? clock_.Now() + RetryDelay() : outcome.at;
        if (auto end = WaitUntil(at, Error(ErrorKind::kTimeout, "asked to be tried again")))
          return *end;
      } else {
        return Ended(outcome);
      }
    }
  }

 private:
  bool IsLastTry() const { return report_.tries > task_.retries; }

  bool MayTryAgain(const Error& error) const { return error.retryable() && !IsLastTry(); }

  seconds RetryDelay() const {
    return options_.retry_delay * (1 << std::min(std::max(report_.tries - 1, 0), kMaxDoublings));
  }

  Result<Outcome> Try(const TaskBody& body) {
    ++report_.tries;
    TaskContext context;
    context.attempt = model::NewAttempt({.run = run_, .task_id = task_.id}, report_.tries, random_);
    context.last_try = IsLastTry();
    context.deadline = deadline_;
    context.stop = options_.stop;
    if (options_.progress) {
      context.progress = [this](std::string_view line) { options_.progress(task_.id, line); };
    }
    if (options_.try_begins) options_.try_begins(context);
    return body(context);
  }

  // The end of the task when it cannot wait so long; `reason` is why it waits.
  std::optional<TaskReport> WaitUntil(Instant instant, Error reason) {
    if (instant > deadline_) {
      return Failed(std::move(reason).While(
          fmt::format("no time for another try before {}", FormatInstantSeconds(deadline_))));
    }
    if (options_.progress) {
      options_.progress(
          task_.id,
          fmt::format("waits until {}: {}", FormatInstantSeconds(instant), reason.message()));
    }
    auto waited = clock_.SleepUntil(instant, options_.stop);
    if (!waited.ok()) return Cancelled(std::move(waited).error());
    return std::nullopt;
  }

  TaskReport Ended(const Outcome& outcome) {
    switch (outcome.state) {
      case OutcomeState::kRetry:
      case OutcomeState::kReschedule:
        return Failed(Error(ErrorKind::kExhausted, "no try remains: " + outcome.detail));
      case OutcomeState::kFail:
        return Failed(Error(ErrorKind::kInternal, outcome.detail));
      default:
        return End(StateOf(outcome.state));
    }
  }

  TaskReport Failed(Error error) {
    if (error.kind() == ErrorKind::kCancelled && options_.stop.stop_requested())
      return Cancelled(std::move(error));
    report_.error = std::move(error);
    return End(TaskState::kFailed);
  }

  TaskReport Cancelled(Error error) {
    report_.error = std::move(error);
    return End(TaskState::kCancelled);
  }

  TaskReport End(TaskState state) {
    report_.state = state;
    report_.ended_at = clock_.Now();
    return report_;
  }

  const model::PipelineTask& task_;
  const model::Run& run_;
  Clock& clock_;
  Random& random_;
  const RunOptions& options_;
  TaskReport report_;
  Instant deadline_{};
};

bool IsFinished(OutcomeState outcome) {
  return outcome == OutcomeState::kSuccess || outcome == OutcomeState::kPartial ||
         outcome == OutcomeState::kSkip;
}

TaskReport NotRun(const std::string& task_id, TaskState state, Instant now) {
  return {.task_id = task_id, .state = state, .started_at = now, .ended_at = now};
}

RunState StateOf(const std::vector<TaskReport>& tasks) {
  RunState state = RunState::kSuccess;
  for (const TaskReport& task : tasks) {
    if (task.state == TaskState::kCancelled) return RunState::kCancelled;
    if (Blocks(task.state)) state = RunState::kFailed;
    if (task.state == TaskState::kPartial && state == RunState::kSuccess)
      state = RunState::kPartial;
  }
  return state;
}

bool IsBlocked(const model::PipelineTask& task, const std::vector<TaskReport>& before) {
  return std::any_of(before.begin(), before.end(), [&](const TaskReport& report) {
    return Blocks(report.state) &&
           std::find(task.after.begin(), task.after.end(), report.task_id) != task.after.end();
  });
}

}  // namespace

std::string_view NameOf(TaskState state) {
  return kTaskStates.at(static_cast<std::size_t>(state));
}
std::string_view NameOf(RunState state) {
  return kRunStates.at(static_cast<std::size_t>(state));
}

Result<RunReport> RunPipeline(const model::Pipeline& pipeline,
                              const model::Run& run,
                              const TaskBodies& bodies,
                              Clock& clock,
                              Random& random,
                              const RunOptions& options) {
  SG_TRY(const std::vector<std::size_t> order, model::TaskOrder(pipeline));
  for (const model::PipelineTask& task : pipeline.tasks) {
    if (bodies.contains(task.id)) continue;
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("task has nothing to run: dag={} task={}", pipeline.dag_id, task.id));
  }
  RunReport report{.started_at = clock.Now()};
  for (const std::size_t index : order) {
    const model::PipelineTask& task = pipeline.tasks[index];
    const auto done = options.already_done ? options.already_done(task.id) : std::nullopt;
    TaskReport ended;
    if (done && IsFinished(*done)) {
      ended = NotRun(task.id, StateOf(*done), clock.Now());
      ended.done_before = true;
    } else if (IsBlocked(task, report.tasks)) {
      ended = NotRun(task.id, TaskState::kUpstreamFailed, clock.Now());
    } else {
      ended = TaskRun(task, run, clock, random, options).Run(bodies.at(task.id));
    }
    if (options.task_ended) options.task_ended(ended);
    report.tasks.push_back(std::move(ended));
  }
  report.state = StateOf(report.tasks);
  report.ended_at = clock.Now();
  return report;
}

}  // namespace stargaze::orchestrate
