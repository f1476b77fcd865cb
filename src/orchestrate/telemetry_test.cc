#include "orchestrate/telemetry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <sstream>

#include "metrics/testing/udp_listener.h"
#include "orchestrate/testing/engine_bed.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::DagOf;
using testing::EngineBed;
using ::testing::HasSubstr;
using ::testing::Not;
using testing::Task;

const ManualAction kBecause{.who = "mina", .reason = "why not"};

class TelemetryTest : public ::testing::Test {
 protected:
  TelemetryTest() {
    bed_.ports.observe = [this](const Event& event) { telemetry_.Observe(event); };
    bed_.Restart();
    model::DagTask task = Task("a");
    task.uses = "collect";
    model::DagTask after = Task("b", {"a"});
    after.uses = "refine";
    const model::Dag dag = DagOf("d", {task, after});
    bed_.Declare({dag});
    telemetry_.SetDags({dag}, 2, milliseconds(1500));
  }

  // The lines that were sent since the last call.
  std::set<std::string> Sent() {
    statsd_->Count("end");
    statsd_->Flush();
    std::set<std::string> lines;
    while (!lines.contains("airflow.end:1|c")) {
      const std::string datagram = server_.Receive();
      if (datagram.empty()) {
        ADD_FAILURE() << "the end did not come";
        break;
      }
      std::istringstream text(datagram);
      for (std::string line; std::getline(text, line);) lines.insert(line);
    }
    return lines;
  }
  void ExpectSent(const std::vector<std::string>& wanted) {
    const std::set<std::string> sent = Sent();
    for (const std::string& line : wanted)
      EXPECT_TRUE(sent.contains(line)) << line << " is not in\n" << ::testing::PrintToString(sent);
  }
  void ExpectShown(const std::vector<std::string>& wanted) {
    const std::string text = metrics_.Text();
    for (const std::string& line : wanted) EXPECT_THAT(text, HasSubstr(line + "\n"));
  }

  metrics::testing::UdpListener server_{};
  std::unique_ptr<metrics::Statsd> statsd_ =
      metrics::Statsd::Open({.host = "127.0.0.1", .port = server_.port()}).value();
  metrics::Metrics metrics_{};
  Telemetry telemetry_{metrics_, statsd_.get(), {.parallelism = 20}};
  EngineBed bed_{::testing::UnitTest::GetInstance()->current_test_info()->name()};
};

TEST_F(TelemetryTest, SendsAirflowsNames) {
  bed_.Trigger("d");
  bed_.clock.Set(bed_.clock.Now() + milliseconds(1500));
  bed_.Succeed("a");
  bed_.clock.Set(bed_.clock.Now() + milliseconds(500));
  bed_.Fail("b");
  telemetry_.Refresh(bed_.engine->GetHealth(), bed_.engine->GetPools());
  ExpectSent({
      "airflow.dagbag_size:1|g",
      "airflow.dag_processing.import_errors:2|g",
      "airflow.dag_processing.total_parse_time:1.5|g",
      "airflow.dagrun.schedule_delay.d:0.000|ms",
      "airflow.ti.start.d.a:1|c",
      "airflow.ti.finish.d.a.success:1|c",
      "airflow.ti.finish.d.b.failed:1|c",
      "airflow.ti_successes:1|c",
      "airflow.ti_failures:1|c",
      "airflow.operator_successes_collect:1|c",
      "airflow.operator_failures_refine:1|c",
      "airflow.dag.d.a.duration:1500.000|ms",
      "airflow.task.duration:1500.000|ms",
      "airflow.dag.d.b.scheduled_duration:0.000|ms",
      "airflow.dagrun.duration.failed.d:2000.000|ms",
      "airflow.executor.open_slots:20|g",
      "airflow.executor.running_tasks:0|g",
      "airflow.pool.open_slots.default_pool:128|g",
      "airflow.pool.starving_tasks.default_pool:0|g",
      "airflow.scheduler.dagruns.running:0|g",
  });
}

TEST_F(TelemetryTest, ShowsTheFamiliesThatDashboardsAskFor) {
  bed_.Trigger("d");
  bed_.clock.Set(bed_.clock.Now() + milliseconds(1500));
  bed_.Succeed("a");
  bed_.Succeed("b");
  HealthView health = bed_.engine->GetHealth();
  health.started = true;
  telemetry_.Refresh(health, bed_.engine->GetPools());
  telemetry_.Refresh(health, bed_.engine->GetPools());  // No new beat.
  ExpectShown({
      R"(af_agg_scheduler_heartbeat{airflow_id="airflow"} 1)",
      R"(af_agg_dagbag_size{airflow_id="airflow"} 1)",
      R"(af_agg_dag_processing_import_errors{airflow_id="airflow"} 2)",
      R"(af_agg_ti_successes{airflow_id="airflow"} 2)",
      R"(af_agg_operator_successes{airflow_id="airflow",operator_name="collect"} 1)",
      R"(af_agg_executor_open_slots{airflow_id="airflow"} 20)",
      R"(af_agg_pool_open_slots{airflow_id="airflow",pool_name="default_pool"} 128)",
      R"(af_agg_ti_start{airflow_id="airflow",dag_id="d",task_id="a"} 1)",
      R"(af_agg_ti_finish{airflow_id="airflow",dag_id="d",state="success",task_id="a"} 1)",
      R"(af_agg_dag_task_duration{airflow_id="airflow",dag_id="d",task_id="a",quantile="0.99"} 1.5)",
      R"(af_agg_dagrun_duration_success{airflow_id="airflow",dag_id="d",quantile="0.5"} 1.5)",
      R"(af_agg_dagrun_schedule_delay_count{airflow_id="airflow",dag_id="d"} 1)",
      R"(airflow_task_duration{dag_id="d",task_id="a",quantile="0.9"} 1.5)",
      R"(airflow_dagrun_duration_count{dag_id="d"} 1)",
      R"(airflow_operator_successes{operator="refine"} 1)",
      R"(airflow_pool_used_slots{pool="default_pool"} 0)",
      R"(airflow_executor_running_tasks{executor="ThreadExecutor"} 0)",
      R"(airflow_scheduler_heartbeat{type="counter"} 1)",
      R"(stargaze_task_tries_total{dag_id="d",state="success",task_id="a"} 1)",
      R"(stargaze_dag_run_duration_seconds_sum{dag_id="d",state="success"} 1.5)",
      R"(stargaze_scheduler_stands_still 0)",
      "# TYPE af_agg_dag_task_duration summary",
      "# TYPE af_agg_ti_successes counter",
      "# TYPE airflow_pool_open_slots gauge",
  });
}

TEST_F(TelemetryTest, CountsWhatEndedWithTheProcessAsZombies) {
  bed_.Trigger("d");
  bed_.Restart();
  ExpectShown({R"(af_agg_zombies_killed{airflow_id="airflow"} 1)",
               R"(airflow_zombies_killed 1)",
               R"(airflow_scheduler_orphaned_tasks_cleared 1)"});
  // How long it ran nobody knows.
  EXPECT_THAT(metrics_.Text(),
              HasSubstr("airflow_task_duration_count{dag_id=\"d\",task_id=\"a\"} 0\n"));
}

TEST_F(TelemetryTest, ShowsWhoStarves) {
  ASSERT_TRUE(bed_.engine->SetPool({"default_pool", 1, ""}, kBecause).ok());
  bed_.Trigger("d");
  bed_.Trigger("d", bed_.clock.Now() + seconds(60));
  telemetry_.Refresh(bed_.engine->GetHealth(), bed_.engine->GetPools());
  ExpectShown({R"(airflow_pool_starving_tasks{pool="default_pool"} 1)",
               "airflow_scheduler_tasks_starving 1",
               R"(airflow_executor_open_slots{executor="ThreadExecutor"} 19)"});
}

TEST(Telemetry, WorksWithoutStatsd) {
  metrics::Metrics metrics;
  Telemetry telemetry(metrics, nullptr, {.airflow_id = "stars"});
  telemetry.Observe({.kind = EventKind::kInstance,
                     .dag_id = "d",
                     .task_id = "a",
                     .state = InstanceState::kUpForReschedule});
  telemetry.Observe({.kind = EventKind::kTask, .dag_id = "d", .task_id = "b"});
  telemetry.Refresh({}, {});
  EXPECT_THAT(metrics.Text(),
              HasSubstr(R"(af_agg_ti_finish{airflow_id="stars",dag_id="d",state="up_for_)"
                        R"(reschedule",task_id="a"} 1)"));
  EXPECT_THAT(metrics.Text(), Not(HasSubstr("ti_successes")));
}

}  // namespace
}  // namespace stargaze::orchestrate
