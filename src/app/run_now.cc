#include "app/run_now.h"

#include <fmt/core.h>

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "app/progress.h"
#include "app/run_tables.h"
#include "base/suggest.h"

namespace stargaze::app {
namespace {

using orchestrate::DagRunState;
using orchestrate::RunView;

constexpr std::chrono::hours kWaitAtMost{24 * 7};
constexpr std::chrono::seconds kStopGrace{20};

Result<model::Dag> Find(const std::vector<model::Dag>& dags, const std::string& dag_id) {
  std::vector<std::string> names;
  for (const model::Dag& dag : dags) {
    if (dag.dag_id == dag_id) return dag;
    names.push_back(dag.dag_id);
  }
  return Error(ErrorKind::kNotFound,
               fmt::format("no DAG is called '{}'{}", dag_id, DidYouMean(dag_id, names)))
      .Remedy("stargaze dag list");
}

Status RefuseDemo(const Instance& instance) {
  if (!instance.options.identity.sandbox || !instance.options.base_url.empty()) return Ok();
  return Error(ErrorKind::kConflict,
               "the data folder is a demo's: its simulated GitHub runs inside the demo")
      .Remedy("stargaze demo --days N goes on with it");
}

// The run that the wish means: a new one, or the one that there is.
Result<model::Run> Begin(orchestrate::Scheduler& scheduler,
                         const Session& session,
                         const RunWish& wish,
                         Instant now) {
  const Instant date =
      wish.logical_date.value_or(Instant(std::chrono::floor<std::chrono::seconds>(now)));
  const std::string run_id = wish.run_id.empty() ? model::ManualRunId(date) : wish.run_id;
  const orchestrate::ManualAction action = ActionOf(session, wish.reason);
  const Result<RunView> there = scheduler.queries().Run(wish.dag_id, run_id);
  if (there.ok()) {
    if (there.value().state == DagRunState::kFailed)
      SG_RETURN_IF_ERROR(scheduler.Retry(wish.dag_id, run_id, action));
    return there.value().run;
  }
  if (there.error().kind() != ErrorKind::kNotFound) return there.error();
  SG_TRY(const RunView run,
         scheduler.Trigger(
             {.dag_id = wish.dag_id, .logical_date = date, .run_id = run_id, .conf = wish.conf},
             action));
  return run.run;
}

// What stops the wait for a run: the person, or a full disk.
struct Interruption {
  std::stop_source stop{};
  std::mutex mutex{};
  std::optional<Error> disk_full{};

  void DiskIsFull(const Error& error) {
    {
      const std::lock_guard lock(mutex);
      if (!disk_full) disk_full = error;
    }
    stop.request_stop();
  }
};

Status Explain(const Error& error, Interruption& interruption) {
  const std::lock_guard lock(interruption.mutex);
  if (interruption.disk_full)
    return Error(*interruption.disk_full)
        .Remedy(
            "free space on the disk of the data folder and run it again: it goes on where it "
            "stopped");
  if (error.kind() == ErrorKind::kCancelled)
    return Error(ErrorKind::kCancelled, "stopped before the run's end")
        .Remedy("the same command with the same --logical-date goes on with it");
  return error;
}

// In a process of its own: only this DAG, until the run has ended.
Status RunHere(Session& session, Instance& instance, const RunWish& wish) {
  SG_TRY(const model::Dag dag, Find(instance.declarations.dags, wish.dag_id));
  Progress progress(session.raw_err(), session.progress());
  std::mutex mutex;
  Interruption interruption;
  const std::stop_callback by_person(session.environment().stop,
                                     [&] { interruption.stop.request_stop(); });
  SchedulingOptions options{.dags = std::vector<model::Dag>{dag}};
  options.on_disk_full = [&](const Error& error) { interruption.DiskIsFull(error); };
  options.on_line = [&](const std::string& task, std::string_view line) {
    const std::lock_guard lock(mutex);
    progress.Show({.task = task, .detail = std::string(line)});
  };
  SG_TRY(const auto scheduling, Scheduling::Open(instance, std::move(options)));
  if (!scheduling->Problems().empty()) return scheduling->Problems().front().error;
  orchestrate::Scheduler& scheduler = scheduling->scheduler();
  SG_TRY(const model::Run run, Begin(scheduler, session, wish, instance.clock.Now()));
  scheduler.Start();
  const Result<DagRunState> ended = scheduler.WaitUntilEnded(
      run.dag_id, run.run_id, instance.clock.Now() + kWaitAtMost, interruption.stop.get_token());
  scheduler.Stop(instance.clock.Now() + kStopGrace);
  progress.Clear();
  SG_TRY(const auto tasks, scheduler.Tasks(run.dag_id, run.run_id));
  SG_TRY(const TableOutput table, TasksTable(tasks, scheduler.queries(), run));
  session.Print(table);
  if (!ended.ok()) return Explain(ended.error(), interruption);
  SG_TRY(session.exit_code, ExitCodeOf(scheduler.queries(), run));
  return Ok();
}

}  // namespace

Status RunNow(Session& session, const RunWish& wish) {
  SG_TRY(Instance * instance, session.OpenInstance());
  SG_RETURN_IF_ERROR(RefuseDemo(*instance));
  if (instance->scheduling == nullptr && !wish.detached) return RunHere(session, *instance, wish);
  if (instance->scheduling != nullptr && !instance->scheduling->options().follows_schedules)
    return Error(ErrorKind::kConflict, "the server that holds the data folder runs nothing")
        .Remedy("stop it and start stargaze up; a demo goes on with stargaze demo --days N");
  SG_TRY(const SchedulerLease lease, LeaseScheduler(session));
  SG_RETURN_IF_ERROR(Find(lease.scheduling->Dags(), wish.dag_id));
  SG_TRY(const model::Run run, Begin(lease.scheduler(), session, wish, instance->clock.Now()));
  SG_TRY(const RunView view, lease.scheduler().queries().Run(run.dag_id, run.run_id));
  session.Print(RunsTable({view}));
  return Ok();
}

}  // namespace stargaze::app
