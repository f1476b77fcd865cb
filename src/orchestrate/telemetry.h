// What the scheduler does, as numbers: on /metrics and, where configured, to a StatsD server, under
// Airflow's names, so that dashboards made for Airflow show Stargaze.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "metrics/metrics.h"
#include "metrics/statsd.h"
#include "model/dag.h"
#include "orchestrate/run_views.h"
#include "orchestrate/scheduler.h"

namespace stargaze::orchestrate {

struct TelemetryOptions {
  // The label airflow_id of the family af_agg_*, and the prefix that StatsD should have.
  std::string airflow_id = "airflow";
  int parallelism = 512;  // As in SchedulerOptions.
};

// Families: stargaze_* (ours), airflow_* (as Airflow's Helm chart maps StatsD) and af_agg_* (as the
// community dashboards do), the last two with summaries in seconds. Safe for concurrent use.
class Telemetry {
 public:
  // `statsd` may be null. Both must outlive it.
  Telemetry(metrics::Metrics& metrics, metrics::Statsd* statsd, TelemetryOptions options);
  ~Telemetry();
  Telemetry(const Telemetry&) = delete;
  Telemetry& operator=(const Telemetry&) = delete;

  // Whenever the DAGs are read: how many files were bad, how long it took. What a task's operator
  // is called (`uses`) is known from here.
  void SetDags(const std::vector<model::Dag>& dags,
               std::size_t import_errors,
               std::chrono::microseconds parse_time);
  // SchedulerPorts::observe. Never waits.
  void Observe(const Event& event);
  // The levels as they are now; counts a heartbeat when there was one, and flushes StatsD.
  void Refresh(const HealthView& health, const std::vector<PoolView>& pools);
  // Refreshes every 5 s until `stop`: a thread of its own.
  void Run(Scheduler& scheduler, Clock& clock, const std::stop_token& stop);

 private:
  struct TaskSeries;
  struct DagSeries;

  // `name` dotted as for StatsD; the others are airflow_<suffix> and af_agg_<suffix>.
  struct Named {
    std::string name{};
    std::string suffix{};
    metrics::Labels airflow{};
    metrics::Labels agg{};
  };
  metrics::Labels Agg(metrics::Labels labels = {}) const;
  void Count(const Named& named, int64_t by = 1);
  void Level(const Named& named, double value);
  TaskSeries& SeriesOf(const std::string& dag_id, const std::string& task_id);
  DagSeries& SeriesOf(const std::string& dag_id);
  void ObserveInstance(const Event& event);
  void ObserveEnd(const Event& event, TaskSeries& series);
  void ObserveRun(const Event& event);
  void RefreshPool(const PoolView& pool);
  void RefreshOwn(const HealthView& health);

  metrics::Metrics& metrics_;
  metrics::Statsd* const statsd_;
  const TelemetryOptions options_;

  std::mutex mutex_;
  std::unordered_map<std::string, std::unique_ptr<TaskSeries>> tasks_;
  std::unordered_map<std::string, std::unique_ptr<DagSeries>> dags_;
  std::map<std::string, std::string> uses_;  // By "<dag>.<task>".
  Instant last_heartbeat_{};
};

}  // namespace stargaze::orchestrate
