#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <mutex>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/run_tables.h"
#include "base/suggest.h"
#include "orchestrate/thread_executor.h"

namespace stargaze::app {
namespace {

using orchestrate::Outcome;
using orchestrate::OutcomeState;

// What engines of workflows take for "again later" and "nothing to do".
constexpr int kAgainLater = 75;
constexpr int kSkipped = 99;
constexpr std::chrono::hours kLongest{6};
constexpr std::chrono::milliseconds kLook{50};

struct TaskWish {
  std::string dag_id{};
  std::string task_id{};
  std::string logical_date{};
  std::string run_id{};
  int try_number = 1;
  int map_index = 0;
  int instances = 1;
};

Result<model::DagTask> Find(const model::Dag& dag, const std::string& task_id) {
  std::vector<std::string> names;
  for (const model::DagTask& task : dag.tasks) {
    if (task.id == task_id) return task;
    names.push_back(task.id);
  }
  return Error(
             ErrorKind::kNotFound,
             fmt::format("{} has no task '{}'{}", dag.dag_id, task_id, DidYouMean(task_id, names)))
      .Remedy("stargaze dag show " + dag.dag_id);
}

Result<orchestrate::TaskContext> ContextOf(const TaskWish& wish,
                                           const model::DagTask& task,
                                           Instance& instance) {
  SG_TRY(const Instant date, ParseDate(wish.logical_date, "--logical-date"));
  model::TaskInstance of{
      .run = {.dag_id = wish.dag_id,
              .run_id = wish.run_id.empty() ? model::ManualRunId(date) : wish.run_id,
              .logical_date = date},
      .task_id = wish.task_id,
      .map_index = wish.map_index};
  orchestrate::TaskContext context;
  context.attempt = model::NewAttempt(std::move(of), wish.try_number, instance.random);
  context.data_start = date;
  context.data_end = date;
  context.instances = wish.instances;
  context.last_try = wish.try_number > task.retries;
  context.deadline = instance.clock.Now() + task.execution_timeout.value_or(kLongest);
  return context;
}

// On a thread of an executor like the scheduler's, so that limits and log are the same.
Result<Outcome> RunTry(Session& session,
                       Instance& instance,
                       orchestrate::TaskBody body,
                       orchestrate::TaskContext context) {
  orchestrate::ThreadExecutor executor(
      {.log_folder = instance.folder->TaskLogPath(), .waiting_threads = 1}, instance.clock);
  const model::TaskInstance& of = context.attempt.instance;
  const Instant deadline = context.deadline;
  std::string log = orchestrate::LogPath(
      of.run.dag_id, of.run.run_id, of.task_id, of.map_index, context.attempt.try_number);
  std::vector<orchestrate::WorkItem> items(1);
  items[0] = {.ticket = 1, .body = std::move(body), .context = std::move(context), .log_path = log};
  std::stop_source done;
  executor.OnDone([&done] { done.request_stop(); });
  executor.Submit(std::move(items));
  bool asked = false;
  while (!done.stop_requested()) {
    (void)instance.clock.SleepUntil(instance.clock.Now() + kLook, done.get_token());
    if (asked) continue;
    asked = session.environment().stop.stop_requested() || instance.clock.Now() >= deadline;
    if (asked) executor.RequestStop(1);
  }
  std::vector<orchestrate::WorkDone> ended = executor.TakeDone();
  return std::move(ended.front().result);
}

Status RunTask(Session& session, const TaskWish& wish) {
  SG_TRY(const SchedulerLease lease, LeaseScheduler(session));
  const std::optional<model::Dag> dag = lease.scheduler().FindDag(wish.dag_id);
  if (!dag)
    return Error(ErrorKind::kNotFound, "no DAG is called '" + wish.dag_id + "'")
        .Remedy("stargaze dag list");
  SG_TRY(const model::DagTask task, Find(*dag, wish.task_id));
  SG_TRY(orchestrate::TaskContext context, ContextOf(wish, task, *lease.instance));
  SG_TRY(orchestrate::TaskBody body, lease.scheduling->BodyOf(*dag, task));
  SG_TRY(const Outcome outcome,
         RunTry(session, *lease.instance, std::move(body), std::move(context)));
  session.err() << outcome.detail << "\n";
  switch (outcome.state) {
    case OutcomeState::kRetry:
    case OutcomeState::kReschedule:
      session.exit_code = kAgainLater;
      break;
    case OutcomeState::kSkip:
      session.exit_code = kSkipped;
      break;
    case OutcomeState::kFail:
      session.exit_code = 1;
      break;
    default:
      break;
  }
  return Ok();
}

}  // namespace

void AddTaskCommands(CLI::App& app, Session& session) {
  CLI::App* task = app.add_subcommand("task", "Single tasks, for engines of workflows");
  task->require_subcommand(1);
  auto wish = std::make_shared<TaskWish>();
  CLI::App* run = task->add_subcommand(
      "run",
      "Run one instance outside the scheduler, which then knows nothing of it; exit code 75: again "
      "later, 99: skipped");
  run->add_option("dag", wish->dag_id, "As in github_repo")->required();
  run->add_option("task", wish->task_id, "As stargaze dag show lists it")->required();
  run->add_option("--logical-date", wish->logical_date, "The run's date")
      ->type_name("DATE")
      ->required();
  run->add_option("--run-id", wish->run_id, "manual__<logical date> otherwise");
  run->add_option("--try", wish->try_number, "Which try, from 1")
      ->check(CLI::Range(1, 65'000))
      ->capture_default_str();
  run->add_option("--map-index", wish->map_index, "Which instance of a mapped task, from 0")
      ->check(CLI::NonNegativeNumber);
  run->add_option("--instances", wish->instances, "How many instances the mapped task has")
      ->check(CLI::PositiveNumber);
  run->callback([&session, wish] {
    session.needs_instance = true;
    session.action = [wish](Session& s) { return RunTask(s, *wish); };
  });
}

}  // namespace stargaze::app
