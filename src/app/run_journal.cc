#include "app/run_journal.h"

#include <fmt/core.h>

#include <utility>
#include <vector>

#include "base/crc32c.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "orchestrate/timetable.h"
#include "storage/parquet_writer.h"

namespace stargaze::app {
namespace {

using model::Manifest;
using storage::SqlValue;

constexpr std::string_view kRunDataset = "stargaze/dag_run";
constexpr std::string_view kRunTable = "dag_run";

// The attempt that journals a run's end; one per run and state, so that a run ends once, and a
// failed one that was mended once more.
std::string EndAttempt(const model::Run& run, const RunSoFar& so_far) {
  return fmt::format("{}.{}.end_{}.0.1-00000000", run.dag_id, run.run_id, so_far.state);
}

// No scheduled run of this DAG follows on the same UTC day. A run by hand closes its day: nobody
// waits for a schedule then.
Result<bool> IsLastOfDay(const model::Dag& dag, const model::Run& run) {
  if (run.run_id.starts_with("manual__")) return true;
  model::Dag without_end = dag;
  without_end.catchup = true;  // Every run counts, also one that is late.
  without_end.end_date.reset();
  SG_TRY(const auto timetable, orchestrate::Timetable::Create(without_end));
  const auto next = timetable.Next(
      {.last_logical_date = run.logical_date, .active_since = run.logical_date}, run.logical_date);
  return !next || DayOf(next->logical_date) != DayOf(run.logical_date);
}

Result<std::string> WriteRunFile(Instance& instance,
                                 const model::Run& run,
                                 const RunSoFar& so_far,
                                 Instant ended_at,
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
  const std::vector<std::vector<SqlValue>> rows{{run.dag_id,
                                                 run.run_id,
                                                 run.logical_date,
                                                 so_far.started_at,
                                                 ended_at,
                                                 so_far.state,
                                                 last_of_day,
                                                 ended_at,
                                                 EndAttempt(run, so_far),
                                                 std::string("measured"),
                                                 int64_t{0}}};
  const std::string path =
      instance.folder->ScratchPath() + "/" + EndAttempt(run, so_far) + ".parquet";
  SG_RETURN_IF_ERROR(storage::WriteParquet(*instance.engine, path, columns, rows));
  return path;
}

Status JournalEnd(Instance& instance,
                  const model::Dag& dag,
                  const model::Run& run,
                  const RunSoFar& so_far) {
  const Instant ended_at = instance.clock.Now();
  SG_TRY(const bool last_of_day, IsLastOfDay(dag, run));
  SG_TRY(const std::string path, WriteRunFile(instance, run, so_far, ended_at, last_of_day));
  const std::string key =
      lake::AnalyticsObjectKey(std::string(kRunTable), run.logical_date, EndAttempt(run, so_far));
  SG_RETURN_IF_ERROR(instance.lake->PutFile(key, path, lake::PutMode::kReplace));
  SG_TRY(const std::string bytes, instance.lake->Get(key));
  Manifest manifest;
  manifest.layer = model::Layer::kAnalytics;
  manifest.host = instance.options.identity.host;
  manifest.sandbox = instance.options.identity.sandbox;
  manifest.dataset = kRunDataset;
  manifest.attempt = EndAttempt(run, so_far);
  manifest.dag_id = run.dag_id;
  manifest.run_id = run.run_id;
  manifest.logical_date = run.logical_date;
  manifest.started_at = so_far.started_at;
  manifest.ended_at = ended_at;
  manifest.objects = {{.key = key,
                       .table = std::string(kRunTable),
                       .bytes = static_cast<int64_t>(bytes.size()),
                       .crc32c = Crc32c(bytes),
                       .lines = 1}};
  SG_TRY([[maybe_unused]] const std::string published,
         lake::PublishManifest(*instance.lake, manifest));
  return Ok();
}

Result<bool> IsJournalled(Instance& instance, const model::Run& run, const RunSoFar& so_far) {
  const std::string key = lake::ManifestKey(model::Layer::kAnalytics,
                                            std::string(kRunDataset),
                                            run.logical_date,
                                            EndAttempt(run, so_far));
  const Result<lake::ObjectInfo> head = instance.lake->Head(key);
  if (head.ok()) return true;
  if (head.error().kind() == ErrorKind::kNotFound) return false;
  return head.error();
}

}  // namespace

Status JournalRun(Instance& instance,
                  const model::Dag& dag,
                  const model::Run& run,
                  const RunSoFar& so_far) {
  SG_TRY(const bool ended, IsJournalled(instance, run, so_far));
  return ended ? Ok() : JournalEnd(instance, dag, run, so_far);
}

}  // namespace stargaze::app
