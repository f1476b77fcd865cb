#include "orchestrate/telemetry.h"

#include <fmt/core.h>

#include <array>
#include <optional>
#include <utility>

#include "orchestrate/engine_state.h"

namespace stargaze::orchestrate {
namespace {

using metrics::Labels;
using std::chrono::seconds;

constexpr seconds kRefreshEvery{5};  // Airflow's pool_metrics_interval.
constexpr const char* kAirflowHelp = "As Airflow's metric of this name.";

double Seconds(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1e6;
}
double Milliseconds(std::chrono::microseconds time) {
  return static_cast<double>(time.count()) / 1e3;
}

}  // namespace

// Found once per task: instances end tens of thousands of times a second.
struct Telemetry::TaskSeries {
  std::string dotted{};  // "<dag>.<task>"
  std::string uses{};
  metrics::Summary airflow_duration;
  metrics::Summary agg_duration;
  metrics::Summary own_duration;
  metrics::Summary own_waited;
  metrics::Counter agg_start;
  struct Finish {
    metrics::Counter agg;
    metrics::Counter own;
  };
  std::array<std::optional<Finish>, kInstanceStates> finish{};
};

struct Telemetry::DagSeries {
  metrics::Summary airflow_duration;
  metrics::Summary airflow_failed;
  metrics::Summary airflow_delay;
  metrics::Summary agg_success;
  metrics::Summary agg_failed;
  metrics::Summary agg_delay;
  metrics::Summary own_success;
  metrics::Summary own_failed;
};

Telemetry::Telemetry(metrics::Metrics& metrics, metrics::Statsd* statsd, TelemetryOptions options)
    : metrics_(metrics), statsd_(statsd), options_(std::move(options)) {}
Telemetry::~Telemetry() = default;

Labels Telemetry::Agg(Labels labels) const {
  labels["airflow_id"] = options_.airflow_id;
  return labels;
}

void Telemetry::Count(const Named& named, int64_t by) {
  const auto more = static_cast<double>(by);
  metrics_.Count("airflow_" + named.suffix, kAirflowHelp, named.airflow, more);
  metrics_.Count("af_agg_" + named.suffix, kAirflowHelp, Agg(named.agg), more);
  if (statsd_ != nullptr) statsd_->Count(named.name, by);
}

void Telemetry::Level(const Named& named, double value) {
  metrics_.SetGauge("airflow_" + named.suffix, kAirflowHelp, value, named.airflow);
  metrics_.SetGauge("af_agg_" + named.suffix, kAirflowHelp, value, Agg(named.agg));
  if (statsd_ != nullptr) statsd_->Gauge(named.name, value);
}

void Telemetry::SetDags(const std::vector<model::Dag>& dags,
                        std::size_t import_errors,
                        std::chrono::microseconds parse_time) {
  {
    const std::lock_guard lock(mutex_);
    uses_.clear();
    for (const model::Dag& dag : dags)
      for (const model::DagTask& task : dag.tasks) uses_[dag.dag_id + "." + task.id] = task.uses;
    for (auto& [key, series] : tasks_) {
      const auto uses = uses_.find(series->dotted);
      if (uses != uses_.end()) series->uses = uses->second;
    }
  }
  Level({"dagbag_size", "dagbag_size"}, static_cast<double>(dags.size()));
  Level({"dag_processing.import_errors", "dag_processing_import_errors"},
        static_cast<double>(import_errors));
  Level({"dag_processing.total_parse_time", "dag_processing_total_parse_time"},
        Seconds(parse_time));
}

Telemetry::TaskSeries& Telemetry::SeriesOf(const std::string& dag_id, const std::string& task_id) {
  const std::string dotted = dag_id + "." + task_id;
  std::unique_ptr<TaskSeries>& found = tasks_[dotted];
  if (found) return *found;
  const Labels labels{{"dag_id", dag_id}, {"task_id", task_id}};
  const auto uses = uses_.find(dotted);
  found = std::make_unique<TaskSeries>(TaskSeries{
      .dotted = dotted,
      .uses = uses == uses_.end() ? "" : uses->second,
      .airflow_duration = metrics_.SummaryOf("airflow_task_duration", kAirflowHelp, labels),
      .agg_duration = metrics_.SummaryOf("af_agg_dag_task_duration", kAirflowHelp, Agg(labels)),
      .own_duration = metrics_.SummaryOf(
          "stargaze_task_duration_seconds", "How long tries took that ended.", labels),
      .own_waited = metrics_.SummaryOf("stargaze_task_waited_seconds",
                                       "From when an instance might have run until its try began.",
                                       labels),
      .agg_start = metrics_.CounterOf("af_agg_ti_start", kAirflowHelp, Agg(labels))});
  return *found;
}

Telemetry::DagSeries& Telemetry::SeriesOf(const std::string& dag_id) {
  std::unique_ptr<DagSeries>& found = dags_[dag_id];
  if (found) return *found;
  const Labels labels{{"dag_id", dag_id}};
  const auto summary = [&](const char* name, const Labels& of) {
    return metrics_.SummaryOf(name, kAirflowHelp, of);
  };
  const auto own = [&](const char* state) {
    return metrics_.SummaryOf("stargaze_dag_run_duration_seconds",
                              "How long runs took from their start to their end.",
                              {{"dag_id", dag_id}, {"state", state}});
  };
  found = std::make_unique<DagSeries>(
      DagSeries{.airflow_duration = summary("airflow_dagrun_duration", labels),
                .airflow_failed = summary("airflow_dagrun_failed", labels),
                .airflow_delay = summary("airflow_dagrun_schedule_delay", labels),
                .agg_success = summary("af_agg_dagrun_duration_success", Agg(labels)),
                .agg_failed = summary("af_agg_dagrun_duration_failed", Agg(labels)),
                .agg_delay = summary("af_agg_dagrun_schedule_delay", Agg(labels)),
                .own_success = own("success"),
                .own_failed = own("failed")});
  return *found;
}

void Telemetry::Observe(const Event& event) {
  const std::lock_guard lock(mutex_);
  switch (event.kind) {
    case EventKind::kInstance:
      return ObserveInstance(event);
    case EventKind::kTask:
      if (statsd_ != nullptr)
        statsd_->Count(
            fmt::format("ti.finish.{}.{}.{}", event.dag_id, event.task_id, NameOf(event.state)));
      return;
    case EventKind::kRun:
      return ObserveRun(event);
    case EventKind::kCallback:
      Count({"dag.callback_exceptions", "dag_callback_exceptions"});
      metrics_.Count("stargaze_callback_failures_total",
                     "Callbacks that failed, were late or were dropped.",
                     {{"dag_id", event.dag_id}});
      return;
    case EventKind::kAction:
    case EventKind::kScheduler:
      return;
  }
}

void Telemetry::ObserveInstance(const Event& event) {
  TaskSeries& series = SeriesOf(event.dag_id, event.task_id);
  if (event.state != InstanceState::kRunning) return ObserveEnd(event, series);
  series.agg_start.Add();
  series.own_waited.Observe(Seconds(event.waited));
  if (statsd_ == nullptr) return;
  statsd_->Count("ti.start." + series.dotted);
  statsd_->Timing("dag." + series.dotted + ".scheduled_duration", Milliseconds(event.waited));
}

void Telemetry::ObserveEnd(const Event& event, TaskSeries& series) {
  const std::string state(NameOf(event.state));
  auto& finish = series.finish[static_cast<std::size_t>(event.state)];
  if (!finish) {
    const Labels labels{{"dag_id", event.dag_id}, {"task_id", event.task_id}, {"state", state}};
    finish = TaskSeries::Finish{
        .agg = metrics_.CounterOf("af_agg_ti_finish", kAirflowHelp, Agg(labels)),
        .own = metrics_.CounterOf(
            "stargaze_task_tries_total", "Tries that ended, by the state they ended in.", labels)};
  }
  finish->agg.Add();
  finish->own.Add();
  if (statsd_ != nullptr) statsd_->Count("ti.finish." + series.dotted + "." + state);
  if (event.state == InstanceState::kUpForReschedule) return;  // The same try goes on later.

  const bool well = event.state == InstanceState::kSuccess;
  const bool failed =
      event.state == InstanceState::kFailed || event.state == InstanceState::kUpForRetry;
  if (well || failed) {
    const std::string outcome = well ? "successes" : "failures";
    Count({"ti_" + outcome, "ti_" + outcome});
    Count({"operator_" + outcome + "_" + series.uses,
           "operator_" + outcome,
           {{"operator", series.uses}},
           {{"operator_name", series.uses}}});
  }
  if (event.detail == kLostDetail) {
    Count({"zombies_killed", "zombies_killed"});
    Count({"scheduler.orphaned_tasks.cleared", "scheduler_orphaned_tasks_cleared"});
    return;  // Nobody knows how long it ran.
  }
  series.airflow_duration.Observe(Seconds(event.took));
  series.agg_duration.Observe(Seconds(event.took));
  series.own_duration.Observe(Seconds(event.took));
  if (statsd_ == nullptr) return;
  statsd_->Timing("dag." + series.dotted + ".duration", Milliseconds(event.took));
  statsd_->Timing("task.duration", Milliseconds(event.took));
}

void Telemetry::ObserveRun(const Event& event) {
  DagSeries& series = SeriesOf(event.dag_id);
  if (event.run_state == DagRunState::kRunning) {
    series.airflow_delay.Observe(Seconds(event.waited));
    series.agg_delay.Observe(Seconds(event.waited));
    if (statsd_ != nullptr)
      statsd_->Timing("dagrun.schedule_delay." + event.dag_id, Milliseconds(event.waited));
  }
  if (!IsFinished(event.run_state)) return;
  const bool well = event.run_state == DagRunState::kSuccess;
  const double took = Seconds(event.took);
  (well ? series.airflow_duration : series.airflow_failed).Observe(took);
  (well ? series.agg_success : series.agg_failed).Observe(took);
  (well ? series.own_success : series.own_failed).Observe(took);
  if (statsd_ != nullptr)
    statsd_->Timing(fmt::format("dagrun.duration.{}.{}", well ? "success" : "failed", event.dag_id),
                    Milliseconds(event.took));
}

void Telemetry::RefreshPool(const PoolView& pool) {
  const auto level = [&](const std::string& what, int64_t value) {
    Level({fmt::format("pool.{}.{}", what, pool.name),
           "pool_" + what,
           {{"pool", pool.name}},
           {{"pool_name", pool.name}}},
          static_cast<double>(value));
  };
  level("open_slots", pool.open());
  level("queued_slots", pool.queued);
  level("running_slots", pool.running);
  level("used_slots", pool.queued + pool.running);
  level("scheduled_slots", pool.scheduled);
  level("deferred_slots", pool.deferred);
  level("starving_tasks", pool.open() > 0 ? 0 : pool.scheduled);
}

void Telemetry::RefreshOwn(const HealthView& health) {
  const auto level = [this](const char* name, const char* help, double value) {
    metrics_.SetGauge(name, help, value);
  };
  level("stargaze_scheduler_heartbeat_age_seconds",
        "How long ago the scheduler last went round.",
        static_cast<double>(health.heartbeat_age.count()));
  level("stargaze_scheduler_stands_still",
        "1 while the scheduler does not go round.",
        health.stands_still ? 1 : 0);
  level("stargaze_scheduler_can_write",
        "0 while the run state cannot be written.",
        health.trouble.empty() ? 1 : 0);
  level("stargaze_scheduler_running_instances",
        "Task instances at work.",
        static_cast<double>(health.running));
  level("stargaze_scheduler_ready_tasks",
        "Tasks of runs that wait for slots.",
        static_cast<double>(health.ready));
  level(
      "stargaze_scheduler_active_runs", "Runs under way.", static_cast<double>(health.active_runs));
  level("stargaze_scheduler_abandoned_bodies",
        "Tries that ignored their stop and still hold slots.",
        static_cast<double>(health.abandoned));
  level("stargaze_scheduler_new_runs_held",
        "1 while no run begins since the disk is nearly full.",
        health.new_runs_held_by_disk ? 1 : 0);
  if (health.disk_days_left)
    level("stargaze_scheduler_disk_days_left",
          "In how many days the disk is full.",
          *health.disk_days_left);
}

void Telemetry::Refresh(const HealthView& health, const std::vector<PoolView>& pools) {
  RefreshOwn(health);
  int64_t queued = 0;
  int64_t scheduled = 0;
  int64_t starving = 0;
  for (const PoolView& pool : pools) {
    RefreshPool(pool);
    queued += pool.queued;
    scheduled += pool.scheduled;
    starving += pool.open() > 0 ? 0 : pool.scheduled;
  }
  const auto executor = [this](const std::string& what, int64_t value) {
    Level({"executor." + what, "executor_" + what, {{"executor", "ThreadExecutor"}}},
          static_cast<double>(value));
  };
  executor("open_slots", options_.parallelism - health.running);
  executor("queued_tasks", queued);
  executor("running_tasks", health.running - queued);
  Level({"scheduler.tasks.executable", "scheduler_tasks_executable"},
        static_cast<double>(scheduled));
  Level({"scheduler.tasks.starving", "scheduler_tasks_starving"}, static_cast<double>(starving));
  Level({"scheduler.dagruns.running", "scheduler_dagruns_running"},
        static_cast<double>(health.active_runs));
  {
    const std::lock_guard lock(mutex_);
    const bool beat = health.started && health.heartbeat_at > last_heartbeat_;
    last_heartbeat_ = health.heartbeat_at;
    Count({"scheduler_heartbeat", "scheduler_heartbeat", {{"type", "counter"}}}, beat ? 1 : 0);
  }
  if (statsd_ != nullptr) statsd_->Flush();
}

void Telemetry::Run(Scheduler& scheduler, Clock& clock, const std::stop_token& stop) {
  const Named started{
      "schedulerjob_start", "job_start", {{"job", "schedulerjob"}}, {{"job_name", "schedulerjob"}}};
  Named ended = started;
  ended.name = "schedulerjob_end";
  ended.suffix = "job_end";
  Count(started);
  Count(ended, 0);
  do {
    // A scheduler that stands still cannot say how its pools are; that it stands still, it can.
    const HealthView health = scheduler.Health();
    auto pools = health.stands_still ? Result<std::vector<PoolView>>(std::vector<PoolView>())
                                     : scheduler.Pools();
    Refresh(health, pools.ok() ? pools.value() : std::vector<PoolView>());
  } while (clock.SleepUntil(clock.Now() + kRefreshEvery, stop).ok());
  Count(ended);
  if (statsd_ != nullptr) statsd_->Flush();
}

}  // namespace stargaze::orchestrate
