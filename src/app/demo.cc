#include "app/demo.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "app/progress.h"
#include "app/scheduling.h"
#include "app/simulated_source.h"
#include "app/trends_table.h"
#include "app/up.h"
#include "app/virtual_executor.h"
#include "base/virtual_clock.h"

namespace stargaze::app {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* kDag = "github_repo";
// One run a day keeps the demo short; docs/decisions say why that changes no number.
constexpr const char* kSchedule = "50 11 * * *";
constexpr const char* kFirstDay = "2026-01-01";
// A heartbeat is for those who watch a scheduler; here nobody does, and each is a step of time.
constexpr std::size_t kMostDays = 10'000;
constexpr std::chrono::hours kHeartbeat{24 * 30};
constexpr int kFreeLostTries = 1000;  // A demo is killed by people, not by its tasks.
constexpr std::chrono::milliseconds kWatchEvery{200};
constexpr std::chrono::seconds kStopGrace{10};

// Real time by what the tasks do, for people who wonder where it goes.
class Stopwatch {
 public:
  void Charge(const std::string& stage) {
    const SteadyClock::time_point now = SteadyClock::now();
    seconds_[stage] += std::chrono::duration<double>(now - mark_).count();
    mark_ = now;
  }
  void Restart() { mark_ = SteadyClock::now(); }

  std::string Split() const {
    std::string text;
    for (const auto& [stage, seconds] : seconds_)
      text += fmt::format("{}{} {:.1f} s", text.empty() ? "" : ", ", stage, seconds);
    return text;
  }

 private:
  SteadyClock::time_point mark_ = SteadyClock::now();
  std::map<std::string, double> seconds_;
};

std::string WorldSpec(const DemoOptions& options) {
  if (!options.world.empty()) return options.world;
  return fmt::format("generated:seed={},repositories={},start={}",
                     options.seed,
                     options.repositories,
                     options.from.empty() ? kFirstDay : options.from);
}

Result<Day> FirstDay(const DemoOptions& options) {
  const std::string text = options.from.empty() ? kFirstDay : options.from;
  if (const auto day = ParseDay(text)) return *day;
  return Error(ErrorKind::kInvalidInput, "not a day: '" + text + "'")
      .Remedy("write --from like 2026-01-31");
}

// What the demo changes about the settings: everything is found, nothing needs to survive a power
// loss.
std::vector<config::SettingsFlag> DemoSettings(Session& session) {
  std::vector<config::SettingsFlag> flags{
      {.setting = "vars.github/repository.min_stars", .value = "0", .origin = "demo"},
      {.setting = "vars.github/repository.min_forks", .value = "0", .origin = "demo"},
      {.setting = fmt::format("pipelines.{}.schedule", kDag), .value = kSchedule, .origin = "demo"},
      {.setting = "lake.fsync", .value = "false", .origin = "demo"}};
  if (session.home_flag.empty()) {
    flags.push_back({.setting = "home",
                     .value = DefaultHome(session.environment(), "stargaze-demo"),
                     .origin = "demo"});
  }
  return flags;
}

class Demo {
 public:
  Demo(Session& session, const DemoOptions& options, Day first_day)
      : session_(session), options_(options), first_day_(first_day), clock_(Instant(first_day)) {}

  Status Run() {
    SG_TRY(
        source_,
        SimulatedSource::Start({.world = WorldSpec(options_), .faults = options_.faults}, clock_));
    SG_TRY(const config::Settings* settings, session_.LoadSettings(DemoSettings(session_)));
    const InstanceOptions instance_options{
        .identity = {.host = "sandbox", .sandbox = true, .world = WorldSpec(options_)},
        .base_url = fmt::format("http://127.0.0.1:{}", source_->port()),
        .token = "sandbox"};
    SG_TRY(instance_, Instance::Open(*settings, instance_options, clock_));
    SG_RETURN_IF_ERROR(RunDays());
    SG_RETURN_IF_ERROR(PrintTop10(session_, *instance_));
    if (options_.once) return Ok();
    session_.Detail(fmt::format("the simulated GitHub is at http://127.0.0.1:{}", source_->port()));
    return ServeOnly(session_, *instance_);
  }

 private:
  // The scheduler makes every run of the days that has not been made by an earlier start, by
  // itself, as time comes to it.
  Status RunDays() {
    const auto begin = SteadyClock::now();
    SG_TRY(const std::vector<model::Dag> dags, DemoDags());
    for (const model::Dag& dag : dags) {
      const auto due = RunsBetween(dag, *dag.start_date, *dag.end_date, kMostDays);
      if (!due.empty()) last_runs_[dag.dag_id] = model::ScheduledRunId(due.back().logical_date);
      if (dag.dag_id == kDag) days_ = static_cast<int>(due.size());
      for (const model::DagTask& task : dag.tasks) uses_[task.id] = task.uses;
    }
    if (days_ == 0) return Error(ErrorKind::kInternal, "no run is due in the demo's days");
    Progress progress(session_.raw_err(), session_.progress());
    progress_ = &progress;
    SG_RETURN_IF_ERROR(RunScheduler(dags));
    stopwatch_.Restart();
    // A start that was killed before its last day left something to load, too.
    SG_TRY([[maybe_unused]] const warehouse::LoadReport loaded,
           instance_->warehouse->Load(*instance_->lake));
    SG_RETURN_IF_ERROR(instance_->warehouse->Publish(clock_));
    stopwatch_.Charge("publish");
    progress.Clear();
    progress_ = nullptr;
    const double seconds = std::chrono::duration<double>(SteadyClock::now() - begin).count();
    session_.err() << fmt::format(
                          "{} virtual days, {} of them run now in {:.1f} s", days_, fresh_, seconds)
                   << (fresh_ == 0 ? std::string() : " (" + stopwatch_.Split() + ")") << "\n";
    return Ok();
  }

  Result<std::vector<model::Dag>> DemoDags() const {
    const auto collects = [](const model::DagTask& task) { return task.uses == "collect"; };
    std::vector<model::Dag> dags;
    for (const model::Dag& declared : instance_->declarations.dags) {
      if (declared.dag_id == kDag ||
          (options_.all && std::ranges::any_of(declared.tasks, collects)))
        dags.push_back(DemoDag(declared));
    }
    if (std::ranges::find(dags, kDag, &model::Dag::dag_id) == dags.end())
      return Error(ErrorKind::kNotFound, fmt::format("no DAG is called {}", kDag));
    return dags;
  }

  // As declared, but over the demo's days, and without publishing: nobody reads before the last
  // day.
  model::Dag DemoDag(model::Dag dag) const {
    std::erase_if(dag.tasks, [](const model::DagTask& task) { return task.uses == "publish"; });
    for (model::DagTask& task : dag.tasks) {
      std::erase_if(task.after, [&](const std::string& id) {
        return std::ranges::find(dag.tasks, id, &model::DagTask::id) == dag.tasks.end();
      });
    }
    dag.start_date = Instant(first_day_);
    dag.end_date =
        Instant(first_day_ + std::chrono::days(options_.days)) - std::chrono::microseconds(1);
    dag.catchup = true;
    dag.max_active_runs = 1;  // Each day sees what the day before has left.
    return dag;
  }

  // On this thread: it and the tasks are the ones for whom virtual time waits.
  Status RunScheduler(const std::vector<model::Dag>& dags) {
    const VirtualClock::Actor actor(clock_);
    SchedulingOptions options{.follows_schedules = true,
                              .dags = dags,
                              .watches_disk = false,
                              .free_lost_tries = kFreeLostTries,
                              .heartbeat = kHeartbeat,
                              .disk_full_wait = std::chrono::seconds(0)};
    options.executor = std::make_unique<VirtualExecutor>(
        orchestrate::ThreadExecutorOptions{.log_folder = instance_->folder->TaskLogPath()}, clock_);
    options.on_disk_full = [this](const Error& error) { GiveUp(error); };
    options.observe = [this](const orchestrate::Event& event) { OnEvent(event); };
    SG_TRY(const auto scheduling, Scheduling::Open(*instance_, std::move(options)));
    if (!scheduling->Problems().empty()) return scheduling->Problems().front().error;
    orchestrate::Scheduler& scheduler = scheduling->scheduler();
    SG_RETURN_IF_ERROR(GoOn(scheduler));
    if (last_runs_.empty()) return Ok();
    stopwatch_.Restart();
    const std::stop_callback by_session(session_.environment().stop,
                                        [this] { stop_.request_stop(); });
    const std::jthread watcher([&](const std::stop_token& stop) { WatchStore(scheduler, stop); });
    scheduler.Run(stop_.get_token());
    scheduler.Stop(clock_.Now() + kStopGrace);
    if (const std::lock_guard lock(mutex_); trouble_) {
      if (!trouble_->remedy().empty()) return *trouble_;
      return Error(*trouble_).Remedy(
          "free space on the disk of the data folder and run it again: it goes on where it "
          "stopped");
    }
    if (last_runs_.empty()) return Ok();
    return Error(ErrorKind::kCancelled, "stopped before the last day's end");
  }

  // Time goes on where an earlier start has left it.
  Status GoOn(orchestrate::Scheduler& scheduler) {
    for (auto last = last_runs_.begin(); last != last_runs_.end();) {
      SG_TRY(const auto runs, scheduler.queries().Runs({.dag_id = last->first, .limit = 1}));
      for (const orchestrate::RunView& run : runs.runs) clock_.AdvanceTo(run.run.logical_date);
      const auto ended = scheduler.queries().Run(last->first, last->second);
      const bool is_over = ended.ok() && IsFinished(ended.value().state);
      last = is_over ? last_runs_.erase(last) : std::next(last);
    }
    return Ok();
  }

  // A store that cannot be written stops the scheduler, and nobody would say so.
  void WatchStore(const orchestrate::Scheduler& scheduler, const std::stop_token& stop) {
    SystemClock clock;
    while (clock.SleepUntil(clock.Now() + kWatchEvery, stop).ok()) {
      const std::string trouble = scheduler.Health().trouble;
      if (!trouble.empty()) GiveUp(Error(ErrorKind::kExhausted, trouble));
    }
  }

  void GiveUp(const Error& error) {
    {
      const std::lock_guard lock(mutex_);
      if (!trouble_) trouble_ = error;
    }
    stop_.request_stop();
  }

  // On the scheduler's thread, which is ours.
  void OnEvent(const orchestrate::Event& event) {
    using orchestrate::EventKind;
    using orchestrate::InstanceState;
    if (event.kind == EventKind::kRun && IsFinished(event.run_state)) return OnRunEnded(event);
    const bool of_task = event.kind == EventKind::kInstance || event.kind == EventKind::kTask;
    if (!of_task || event.state == InstanceState::kRunning) return;
    if (event.kind == EventKind::kInstance) stopwatch_.Charge(uses_[event.task_id]);
    if (event.state == InstanceState::kFailed)
      session_.err() << "warning: " << event.task_id << ": " << event.detail << "\n";
    if (uses_[event.task_id] == "collect") last_detail_ = event.detail;
  }

  void OnRunEnded(const orchestrate::Event& event) {
    const auto last = last_runs_.find(event.dag_id);
    if (last != last_runs_.end() && last->second == event.run_id) last_runs_.erase(last);
    if (last_runs_.empty()) stop_.request_stop();
    if (event.dag_id != kDag) return;
    ++fresh_;
    progress_->Show({.task = "demo",
                     .done = fresh_,
                     .total = days_,
                     .detail = FormatDay(DayOf(clock_.Now())) + "  " + last_detail_});
  }

  Session& session_;
  const DemoOptions& options_;
  Day first_day_;
  VirtualClock clock_;
  std::unique_ptr<SimulatedSource> source_;
  std::unique_ptr<Instance> instance_;
  Stopwatch stopwatch_;
  Progress* progress_ = nullptr;
  std::map<std::string, std::string> uses_;       // By task.
  std::map<std::string, std::string> last_runs_;  // By DAG: what has yet to end.
  std::string last_detail_;
  int days_ = 0;
  int fresh_ = 0;  // Runs that ended now.
  std::stop_source stop_;
  std::mutex mutex_;
  std::optional<Error> trouble_;  // Why the scheduler was stopped.
};

}  // namespace

Status RunDemo(Session& session, const DemoOptions& options) {
  SG_TRY(const Day first_day, FirstDay(options));
  return Demo(session, options, first_day).Run();
}

}  // namespace stargaze::app
