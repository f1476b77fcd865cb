#include "app/scheduling.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <utility>

#include "app/callbacks.h"
#include "app/tasks.h"
#include "base/embedded_files.h"
#include "config/overrides.h"
#include "orchestrate/thread_executor.h"
#include "orchestrate/timetable.h"

namespace stargaze::app {
namespace {

using orchestrate::DueRun;
using orchestrate::InstanceState;
using orchestrate::Outcome;
using orchestrate::TaskBody;
using orchestrate::TaskContext;

constexpr std::size_t kDueAtOnce = 100;
constexpr int kPage = 1000;

DueRun DueOf(const orchestrate::PlannedRun& run) {
  return {.logical_date = run.logical_date,
          .data_start = run.interval_start,
          .data_end = run.interval_end};
}

bool HasAny(const std::vector<orchestrate::TaskView>& tasks,
            const std::string& but,
            InstanceState state) {
  return std::ranges::any_of(tasks, [&](const orchestrate::TaskView& task) {
    return task.task_id != but && CountOf(task.instances, state) > 0;
  });
}

// True when some instance of the run has published only a part.
Result<bool> IsPartial(orchestrate::RunQueries& queries, const model::Run& run) {
  for (int64_t offset = 0;; offset += kPage) {
    SG_TRY(const auto page,
           queries.Instances(run.dag_id, run.run_id, {.offset = offset, .limit = kPage}));
    if (std::ranges::any_of(page, &orchestrate::InstanceView::partial)) return true;
    if (static_cast<int>(page.size()) < kPage) return false;
  }
}

}  // namespace

std::vector<orchestrate::PoolSetting> PoolSettings(const std::vector<model::Pool>& pools) {
  std::vector<orchestrate::PoolSetting> settings;
  for (const model::Pool& pool : pools)
    settings.push_back({.name = pool.name, .slots = pool.slots, .description = pool.description});
  return settings;
}

orchestrate::TimetableAnswer DueRuns(const model::Dag& dag,
                                     std::optional<Instant> last,
                                     Instant first_seen,
                                     Instant now) {
  const auto timetable = orchestrate::Timetable::Create(dag);
  if (!timetable.ok()) return {};  // The files' reader has refused it: nothing is due.
  const orchestrate::Progress progress{.last_logical_date = last, .active_since = first_seen};
  orchestrate::TimetableAnswer answer;
  for (const orchestrate::PlannedRun& run : timetable.value().Due(progress, now, kDueAtOnce))
    answer.due.push_back(DueOf(run));
  if (!answer.due.empty()) return answer;  // Asked again once these are made.
  if (const auto next = timetable.value().Next(progress, now)) answer.next = next->run_after;
  return answer;
}

std::vector<DueRun> RunsBetween(const model::Dag& dag,
                                Instant from,
                                Instant to,
                                std::size_t limit) {
  model::Dag all = dag;
  all.catchup = true;
  all.end_date = to;
  // Of an interval the start date also says where its steps are.
  const bool is_stepped = dag.schedule.kind == model::ScheduleKind::kInterval && dag.start_date;
  if (!is_stepped) all.start_date = from;
  const auto timetable = orchestrate::Timetable::Create(all);
  if (!timetable.ok()) return {};
  orchestrate::Progress progress{.active_since = from};
  if (is_stepped && from > *dag.start_date) {
    const auto step = std::chrono::microseconds(dag.schedule.interval);
    const auto steps = (from - *dag.start_date - std::chrono::microseconds(1)) / step;
    progress.last_logical_date = *dag.start_date + steps * step;
  }
  std::vector<DueRun> runs;
  for (const orchestrate::PlannedRun& run : timetable.value().Upcoming(progress, from, limit))
    if (run.logical_date >= from) runs.push_back(DueOf(run));
  return runs;
}

std::string StateText(const orchestrate::InstanceView& view) {
  if (view.partial && view.state == InstanceState::kSuccess) return "partial";
  return std::string(NameOf(view.state));
}

Scheduling::Scheduling(Instance& instance, SchedulingOptions options)
    : instance_(instance), options_(std::move(options)), disk_(instance.folder->path()) {}

Scheduling::~Scheduling() {
  instance_.scheduling = nullptr;
}

Result<std::unique_ptr<Scheduling>> Scheduling::Open(Instance& instance,
                                                     SchedulingOptions options) {
  std::unique_ptr<Scheduling> opened(new Scheduling(instance, std::move(options)));
  SG_RETURN_IF_ERROR(opened->Begin());
  instance.scheduling = opened.get();
  return opened;
}

Status Scheduling::Begin() {
  executor_ = std::move(options_.executor);
  if (!executor_) {
    executor_ = std::make_unique<orchestrate::ThreadExecutor>(
        orchestrate::ThreadExecutorOptions{.log_folder = instance_.folder->TaskLogPath()},
        instance_.clock);
  }
  orchestrate::SchedulerOptions options{.heartbeat = options_.heartbeat,
                                        .free_lost_tries = options_.free_lost_tries};
  options.pools = PoolSettings(instance_.declarations.pools);
  const orchestrate::RunStoreOptions store{.path = instance_.folder->RunStatePath(),
                                           .durability = instance_.settings.Boolean("lake.fsync")
                                                             ? storage::Durability::kPowerLoss
                                                             : storage::Durability::kProcessKill};
  SG_TRY(scheduler_,
         orchestrate::Scheduler::Open(
             store, std::move(options), Ports(), instance_.clock, instance_.random, *executor_));
  if (options_.dags) {
    Declare(*std::exchange(options_.dags, std::nullopt), {});
    return Ok();
  }
  files_.emplace(config::BuiltInFiles(EmbeddedFiles(), "pipelines"),
                 instance_.settings.List("pipeline_dirs"),
                 instance_.declarations.catalog,
                 DagRules());
  Refresh();
  return Ok();
}

config::DagChanges Scheduling::Refresh() {
  if (!files_) return {};
  config::DagChanges changes = files_->Refresh();
  if (changes.empty()) return changes;
  std::vector<model::Dag> dags = files_->current().dags;
  std::vector<config::FileProblem> problems = files_->current().problems;
  const Status changed =
      config::ApplySchedules(instance_.settings, instance_.declarations.catalog, DagRules(), dags);
  if (!changed.ok()) problems.push_back({.file = "settings", .error = changed.error()});
  const auto& before = instance_.declarations.pools;
  for (const model::Pool& pool : files_->current().pools) {
    if (std::ranges::find(before, pool) != before.end()) continue;
    const Status set = scheduler_->SetPool(
        {.name = pool.name, .slots = pool.slots, .description = pool.description},
        {.who = "pools.yaml", .reason = "the file has changed"});
    if (!set.ok()) problems.push_back({.file = "pools.yaml", .error = set.error()});
  }
  instance_.declarations.pools = files_->current().pools;
  Declare(std::move(dags), std::move(problems));
  return changes;
}

void Scheduling::Declare(std::vector<model::Dag> dags, std::vector<config::FileProblem> problems) {
  for (Error& error : scheduler_->SetDags(dags)) problems.push_back({.error = std::move(error)});
  const std::lock_guard lock(mutex_);
  dags_ = std::move(dags);
  problems_ = std::move(problems);
}

std::vector<config::FileProblem> Scheduling::Problems() const {
  const std::lock_guard lock(mutex_);
  return problems_;
}

std::vector<model::Dag> Scheduling::Dags() const {
  const std::lock_guard lock(mutex_);
  return dags_;
}

orchestrate::SchedulerPorts Scheduling::Ports() {
  orchestrate::SchedulerPorts ports;
  ports.body_of = [this](const model::Dag& dag, const model::DagTask& task) {
    return BodyOf(dag, task);
  };
  ports.count_of = [this](const model::Dag&, const model::DagTask& task, const model::Run& run) {
    return CountInstances(instance_, task, run);
  };
  ports.runs_between = &RunsBetween;
  ports.callbacks = MakeCallbacks({.log_path = instance_.folder->path() + "/logs/callbacks.log",
                                   .warn = instance_.options.warn},
                                  instance_.clock);
  ports.observe = options_.observe;
  if (!options_.follows_schedules) return ports;
  ports.due_runs = &DueRuns;
  if (!options_.watches_disk) return ports;
  ports.disk_days_left = [this] { return disk_.DaysLeft(instance_.clock.Now()); };
  return ports;
}

Result<TaskBody> Scheduling::BodyOf(const model::Dag& dag, const model::DagTask& task) {
  RunFacts facts = [this](const model::Run& run, const std::string& asking_task) {
    return FactsOf(run, asking_task);
  };
  SG_TRY(TaskBody body, MakeTask(instance_, dag, task, std::move(facts)));
  return TaskBody([this, body = std::move(body)](const TaskContext& context) {
    if (!options_.on_line) return HandleFullDisk(body(context));
    TaskContext told = context;
    told.progress = [this, &context](std::string_view line) {
      if (context.progress) context.progress(line);
      options_.on_line(context.attempt.instance.task_id, line);
    };
    return HandleFullDisk(body(told));
  });
}

// A full disk is not how a task ends: it goes on once there is room.
Result<Outcome> Scheduling::HandleFullDisk(Result<Outcome> result) {
  if (result.ok() || result.error().kind() != ErrorKind::kExhausted) return result;
  if (options_.on_disk_full) options_.on_disk_full(result.error());
  return Outcome{.state = orchestrate::OutcomeState::kReschedule,
                 .detail = "waits for room on the disk: " + result.error().message(),
                 .at = instance_.clock.Now() + options_.disk_full_wait};
}

Result<RunSoFar> Scheduling::FactsOf(const model::Run& run, const std::string& asking_task) {
  const auto view = scheduler_->queries().Run(run.dag_id, run.run_id);
  // An outside engine owns the run's state then; it journals only what went well.
  if (!view.ok() && view.error().kind() == ErrorKind::kNotFound)
    return RunSoFar{.started_at = instance_.clock.Now(), .state = "success"};
  if (!view.ok()) return view.error();
  RunSoFar so_far{.started_at = view.value().started_at.value_or(instance_.clock.Now()),
                  .state = "success"};
  SG_TRY(const auto tasks, scheduler_->Tasks(run.dag_id, run.run_id));
  if (HasAny(tasks, asking_task, InstanceState::kFailed) ||
      HasAny(tasks, asking_task, InstanceState::kUpstreamFailed)) {
    so_far.state = "failed";
    return so_far;
  }
  SG_TRY(const bool partial, IsPartial(scheduler_->queries(), run));
  if (partial) so_far.state = "partial";
  return so_far;
}

}  // namespace stargaze::app
