#include "registry/journal.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include "base/crc32c.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "lake/materialize.h"
#include "model/run.h"
#include "storage/duckdb.h"
#include "storage/parquet_writer.h"

namespace stargaze::registry {
namespace {

using model::Manifest;
using storage::ParquetColumn;
using storage::SqlRows;
using storage::SqlValue;

constexpr const char* kDataset = "stargaze/repository_membership";
constexpr const char* kTable = "repository_membership";

const std::vector<ParquetColumn>& Columns() {
  static const std::vector<ParquetColumn> kColumns{{.name = "repository_id", .type = "BIGINT"},
                                                   {.name = "rule", .type = "VARCHAR"},
                                                   {.name = "followed_from", .type = "TIMESTAMP"},
                                                   {.name = "followed_to", .type = "TIMESTAMP"},
                                                   {.name = "node_id", .type = "VARCHAR"},
                                                   {.name = "full_name", .type = "VARCHAR"},
                                                   {.name = "observed_at", .type = "TIMESTAMP"},
                                                   {.name = "attempt", .type = "VARCHAR"},
                                                   {.name = "provenance", .type = "VARCHAR"},
                                                   {.name = "ordinal", .type = "BIGINT"}};
  return kColumns;
}

SqlValue OrNull(const std::string& text) {
  return text.empty() ? SqlValue() : SqlValue(text);
}

// Newer intervals have a later end or none: within one change each key stands once, across changes
// the observation decides.
std::vector<SqlValue> ToRow(const JournalRow& row,
                            Instant now,
                            const std::string& attempt,
                            int64_t ordinal) {
  return {row.repository.repository_id,
          row.rule,
          row.followed_from,
          row.followed_to ? SqlValue(*row.followed_to) : SqlValue(),
          OrNull(row.repository.node_id),
          OrNull(row.repository.full_name),
          now,
          attempt,
          std::string("measured"),
          ordinal};
}

}  // namespace

Result<std::string> Journal::Write(const std::string& rule, const std::vector<JournalRow>& rows) {
  const Instant now = clock_.Now();
  const model::Run run{
      .dag_id = "registry", .run_id = model::ManualRunId(now), .logical_date = now};
  const std::string attempt = model::NewAttempt({.run = run, .task_id = rule}, 1, random_).Name();
  std::vector<std::vector<SqlValue>> values;
  for (const JournalRow& row : rows)
    values.push_back(ToRow(row, now, attempt, static_cast<int64_t>(values.size())));
  std::error_code error;
  std::filesystem::create_directories(options_.scratch_directory, error);
  const std::string path = options_.scratch_directory + "/" + attempt + ".parquet";
  SG_RETURN_IF_ERROR(storage::WriteParquet(engine_, path, Columns(), values));
  const std::string key = lake::AnalyticsObjectKey(kTable, now, attempt);
  SG_RETURN_IF_ERROR(lake_.PutFile(key, path, lake::PutMode::kIfAbsent));
  SG_TRY(const std::string bytes, lake_.Get(key));
  Manifest manifest;
  manifest.layer = model::Layer::kAnalytics;
  manifest.host = options_.host;
  manifest.sandbox = options_.sandbox;
  manifest.dataset = kDataset;
  manifest.attempt = attempt;
  manifest.dag_id = run.dag_id;
  manifest.run_id = run.run_id;
  manifest.logical_date = now;
  manifest.started_at = now;
  manifest.ended_at = now;
  manifest.objects = {{.key = key,
                       .table = kTable,
                       .bytes = static_cast<int64_t>(bytes.size()),
                       .crc32c = Crc32c(bytes),
                       .lines = static_cast<int64_t>(rows.size())}};
  return lake::PublishManifest(lake_, manifest);
}

Result<std::vector<std::string>> Journal::Keys() {
  return lake::ListManifests(lake_, model::Layer::kAnalytics, kDataset);
}

Result<std::vector<JournalRow>> Journal::Read(const std::string& manifest_key) {
  SG_TRY(const Manifest manifest, lake::ReadManifest(lake_, manifest_key));
  std::vector<JournalRow> rows;
  SG_TRY(const std::unique_ptr<storage::DuckDbConnection> connection, engine_.Connect());
  for (const model::ManifestObject& object : manifest.objects) {
    SG_TRY(const lake::MaterializedObject local,
           lake::Materialize(lake_, object.key, options_.scratch_directory));
    SG_TRY(const SqlRows read,
           connection->Query("SELECT repository_id, rule, followed_from, followed_to, node_id, "
                             "full_name FROM read_parquet(" +
                             storage::QuoteLiteral(local.path()) + ") ORDER BY ordinal"));
    for (std::size_t i = 0; i < read.size(); ++i) {
      JournalRow row{.repository = {.repository_id = read.Integer(i, 0),
                                    .node_id = read.Text(i, 4),
                                    .full_name = read.Text(i, 5)},
                     .rule = read.Text(i, 1),
                     .followed_from = std::get<Instant>(read.rows[i][2])};
      if (const auto* to = std::get_if<Instant>(&read.rows[i][3])) row.followed_to = *to;
      rows.push_back(std::move(row));
    }
  }
  return rows;
}

}  // namespace stargaze::registry
