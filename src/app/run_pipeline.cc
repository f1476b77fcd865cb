#include "app/run_pipeline.h"

#include <fmt/core.h>

#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

#include "app/tasks.h"
#include "base/crc32c.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "orchestrate/cron.h"
#include "storage/parquet_writer.h"

namespace stargaze::app {
namespace {

using model::Manifest;
using storage::SqlValue;

constexpr std::string_view kRunDataset = "stargaze/dag_run";
constexpr std::string_view kRunTable = "dag_run";

// The attempt that journals a run's end; one per run, so that a run ends once.
std::string EndAttempt(const model::Run& run) {
  return fmt::format("{}.{}.end.0.1-00000000", run.dag_id, run.run_id);
}

// No scheduled run of this pipeline follows on the same UTC day.
Result<bool> IsLastOfDay(const model::Pipeline& pipeline, const PipelineRun& run) {
  if (!run.scheduled || pipeline.schedule.empty()) return true;
  SG_TRY(const orchestrate::CronSchedule schedule, orchestrate::ParseCron(pipeline.schedule));
  const auto next = schedule.NextAfter(run.run.logical_date);
  return !next || DayOf(*next) != DayOf(run.run.logical_date);
}

Result<std::string> WriteRunFile(Instance& instance,
                                 const PipelineRun& run,
                                 const orchestrate::RunReport& report,
                                 bool last_of_day) {
  const std::vector<storage::ParquetColumn> columns{{.name = "dag_id", .type = "VARCHAR"},
                                                    {.name = "run_id", .type = "VARCHAR"},
                                                    {.name = "logical_date", .type = "TIMESTAMP"},
                                                    {.name = "started_at", .type = "TIMESTAMP"},
                                                    {.name = "ended_at", .type = "TIMESTAMP"},
                                                    {.name = "state", .type = "VARCHAR"},
                                                    {.name = "last_of_day", .type = "BOOLEAN"},
                                                    {.name = "observed_at", .type = "TIMESTAMP"},
                                                    {.name = "attempt", .type = "VARCHAR"},
                                                    {.name = "provenance", .type = "VARCHAR"},
                                                    {.name = "ordinal", .type = "BIGINT"}};
  const std::vector<std::vector<SqlValue>> rows{{run.run.dag_id,
                                                 run.run.run_id,
                                                 run.run.logical_date,
                                                 report.started_at,
                                                 report.ended_at,
                                                 std::string(NameOf(report.state)),
                                                 last_of_day,
                                                 report.ended_at,
                                                 EndAttempt(run.run),
                                                 std::string("measured"),
                                                 int64_t{0}}};
  const std::string path = instance.folder->ScratchPath() + "/" + EndAttempt(run.run) + ".parquet";
  SG_RETURN_IF_ERROR(storage::WriteParquet(*instance.engine, path, columns, rows));
  return path;
}

// Journals the run's end. A run that ended in an earlier process has its entry already.
Status JournalEnd(Instance& instance,
                  const model::Pipeline& pipeline,
                  const PipelineRun& run,
                  const orchestrate::RunReport& report) {
  SG_TRY(const bool last_of_day, IsLastOfDay(pipeline, run));
  SG_TRY(const std::string path, WriteRunFile(instance, run, report, last_of_day));
  const std::string key =
      lake::AnalyticsObjectKey(std::string(kRunTable), run.run.logical_date, EndAttempt(run.run));
  SG_RETURN_IF_ERROR(instance.lake->PutFile(key, path, lake::PutMode::kReplace));
  SG_TRY(const std::string bytes, instance.lake->Get(key));
  Manifest manifest;
  manifest.layer = model::Layer::kAnalytics;
  manifest.host = instance.options.identity.host;
  manifest.sandbox = instance.options.identity.sandbox;
  manifest.dataset = kRunDataset;
  manifest.attempt = EndAttempt(run.run);
  manifest.dag_id = run.run.dag_id;
  manifest.run_id = run.run.run_id;
  manifest.logical_date = run.run.logical_date;
  manifest.started_at = report.started_at;
  manifest.ended_at = report.ended_at;
  manifest.objects = {{.key = key,
                       .table = std::string(kRunTable),
                       .bytes = static_cast<int64_t>(bytes.size()),
                       .crc32c = Crc32c(bytes),
                       .lines = 1}};
  SG_TRY([[maybe_unused]] const std::string published,
         lake::PublishManifest(*instance.lake, manifest));
  return Ok();
}

}  // namespace

Result<bool> HasEnded(Instance& instance, const model::Run& run) {
  const std::string key = lake::ManifestKey(
      model::Layer::kAnalytics, std::string(kRunDataset), run.logical_date, EndAttempt(run));
  const Result<lake::ObjectInfo> head = instance.lake->Head(key);
  if (head.ok()) return true;
  if (head.error().kind() == ErrorKind::kNotFound) return false;
  return head.error();
}

Result<orchestrate::RunReport> RunAndPublish(Instance& instance,
                                             const model::Pipeline& pipeline,
                                             const PipelineRun& run) {
  orchestrate::TaskBodies bodies;
  for (const model::PipelineTask& task : pipeline.tasks) {
    SG_TRY(bodies[task.id], MakeTask(instance, task));
  }
  const orchestrate::RunOptions options{
      .stop = run.stop, .progress = run.progress, .task_ended = run.task_ended};
  SG_TRY(orchestrate::RunReport report,
         orchestrate::RunPipeline(
             pipeline, run.run, bodies, instance.clock, instance.random, options));
  if (report.state == orchestrate::RunState::kCancelled)
    return Error(ErrorKind::kCancelled, "stopped before the run's end");
  // A full disk is not how a run ends: it goes on where it stopped once there is room.
  for (const orchestrate::TaskReport& task : report.tasks) {
    if (task.error && task.error->kind() == ErrorKind::kExhausted) {
      return Error(*task.error)
          .While(task.task_id)
          .Remedy(
              "free space on the disk of the data folder and run it again: it goes on where it "
              "stopped");
    }
  }
  SG_TRY(const bool ended, HasEnded(instance, run.run));
  if (!ended) SG_RETURN_IF_ERROR(JournalEnd(instance, pipeline, run, report));
  SG_TRY([[maybe_unused]] const warehouse::LoadReport loaded,
         instance.warehouse->Load(*instance.lake));
  if (run.publish) SG_RETURN_IF_ERROR(instance.warehouse->Publish(instance.clock));
  return report;
}

}  // namespace stargaze::app
