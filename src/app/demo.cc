#include "app/demo.h"

#include <fmt/core.h>

#include <chrono>
#include <filesystem>
#include <memory>

#include "app/progress.h"
#include "app/run_pipeline.h"
#include "app/serving.h"
#include "app/simulated_source.h"
#include "app/trends_table.h"
#include "base/virtual_clock.h"
#include "orchestrate/cron.h"

namespace stargaze::app {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* kDag = "github_repo";
// One run a day keeps the demo short; docs/decisions say why that changes no number.
constexpr const char* kSchedule = "50 11 * * *";
constexpr const char* kFirstDay = "2026-01-01";

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
    return options_.once ? Ok() : Serve(session_, *instance_);
  }

 private:
  // Every due run of the days; those that an earlier start has ended are passed over.
  Status RunDays() {
    const model::Pipeline* pipeline = instance_->declarations.FindPipeline(kDag);
    SG_ASSERT(pipeline != nullptr);
    SG_TRY(const orchestrate::CronSchedule schedule, orchestrate::ParseCron(pipeline->schedule));
    const Instant end = Instant(first_day_ + std::chrono::days(options_.days));
    const auto begin = SteadyClock::now();
    Progress progress(session_.err(), session_.output().err_is_terminal);
    int done = 0;
    int fresh = 0;
    for (auto due = schedule.NextAfter(Instant(first_day_) - std::chrono::seconds(1));
         due && *due < end;
         due = schedule.NextAfter(*due)) {
      clock_.AdvanceTo(*due);
      SG_TRY(const bool ran, RunDay(*pipeline, *due));
      fresh += ran ? 1 : 0;
      progress.Show(fmt::format("demo  {}  {}  {}",
                                ProgressBar(++done, options_.days),
                                FormatDay(DayOf(*due)),
                                last_detail_));
    }
    stopwatch_.Restart();
    // A start that was killed before its last day left something to load, too.
    SG_TRY([[maybe_unused]] const warehouse::LoadReport loaded,
           instance_->warehouse->Load(*instance_->lake));
    SG_RETURN_IF_ERROR(instance_->warehouse->Publish(clock_));
    stopwatch_.Charge("publish");
    progress.Clear();
    const double seconds = std::chrono::duration<double>(SteadyClock::now() - begin).count();
    session_.err() << fmt::format(
                          "{} virtual days, {} of them run now in {:.1f} s", done, fresh, seconds)
                   << (fresh == 0 ? std::string() : " (" + stopwatch_.Split() + ")") << "\n";
    return Ok();
  }

  // False when the run had ended before.
  Result<bool> RunDay(const model::Pipeline& pipeline, Instant due) {
    const model::Run run{
        .dag_id = pipeline.dag_id, .run_id = model::ScheduledRunId(due), .logical_date = due};
    SG_TRY(const bool ended, HasEnded(*instance_, run));
    if (ended) return false;
    stopwatch_.Restart();
    const VirtualClock::Actor actor(clock_);
    const PipelineRun request{.run = run,
                              .scheduled = true,
                              .publish = false,  // Nobody reads before the last day.
                              .stop = session_.environment().stop,
                              .task_ended = [&](const orchestrate::TaskReport& report) {
                                OnTaskEnded(pipeline, report);
                              }};
    SG_TRY(const orchestrate::RunReport report, RunAndPublish(*instance_, pipeline, request));
    stopwatch_.Charge("end");
    return true;
  }

  void OnTaskEnded(const model::Pipeline& pipeline, const orchestrate::TaskReport& report) {
    for (const model::PipelineTask& task : pipeline.tasks) {
      if (task.id == report.task_id) stopwatch_.Charge(task.uses);
    }
    if (report.error)
      session_.err() << "warning: " << report.task_id << ": " << report.error->message() << "\n";
    if (report.task_id.starts_with("collect")) last_detail_ = report.detail;
  }

  Session& session_;
  const DemoOptions& options_;
  Day first_day_;
  VirtualClock clock_;
  std::unique_ptr<SimulatedSource> source_;
  std::unique_ptr<Instance> instance_;
  Stopwatch stopwatch_;
  std::string last_detail_;
};

}  // namespace

Status RunDemo(Session& session, const DemoOptions& options) {
  SG_TRY(const Day first_day, FirstDay(options));
  return Demo(session, options, first_day).Run();
}

}  // namespace stargaze::app
