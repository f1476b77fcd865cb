#include "warehouse/warehouse.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <mutex>
#include <set>
#include <shared_mutex>
#include <system_error>
#include <utility>

#include "lake/cover.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "lake/materialize.h"
#include "warehouse/marts.h"
#include "warehouse/publisher.h"
#include "warehouse/readings.h"
#include "warehouse/schema.h"
#include "warehouse/table_sql.h"

namespace stargaze::warehouse {
namespace {

namespace fs = std::filesystem;
using model::Manifest;
using storage::DuckDbConnection;
using storage::QuoteLiteral;
using storage::SqlRows;
using storage::SqlValue;

// A rebuild has thousands of manifests: so many at a time share one transaction and one MERGE per
// table.
constexpr std::size_t kManifestsPerTransaction = 500;
// And no more rows than these many MERGEs take: what a transaction has written stays in memory.
constexpr int64_t kMergesPerTransaction = 4;

struct Pending {
  std::string key{};
  Manifest manifest{};
  std::vector<lake::PublishedManifest> new_attempts{};  // Of those in it, not applied before.
};

std::string TextOf(std::span<const EmbeddedFile> files, std::string_view path) {
  for (const EmbeddedFile& file : files) {
    if (file.path == path) return std::string(file.bytes);
  }
  SG_ASSERT(false && "a mart is missing from the binary");
  return {};
}

std::vector<SqlValue> LogRow(const lake::PublishedManifest& attempt,
                             const model::SubjectOutcome& subject) {
  const Manifest& m = attempt.manifest;
  return {m.dataset,
          subject.subject,
          m.attempt,
          m.logical_date,
          std::string(NameOf(subject.state)),
          subject.observed_at,
          subject.kind,
          subject.message,
          int64_t{subject.status},
          int64_t{subject.tries},
          attempt.key};
}

Status AppendLog(DuckDbConnection& connection, std::span<const Pending> batch) {
  std::vector<std::vector<SqlValue>> rows;
  for (const Pending& pending : batch) {
    for (const lake::PublishedManifest& attempt : pending.new_attempts) {
      for (const model::SubjectOutcome& subject : attempt.manifest.subjects)
        rows.push_back(LogRow(attempt, subject));
    }
  }
  SG_RETURN_IF_ERROR(connection.Append("collection_log", rows));
  return connection.Execute("INSERT INTO changed_table VALUES ('collection_log')");
}

// A compaction takes the place of what it supersedes, also of what comes to light only later.
Status MarkApplied(DuckDbConnection& connection, std::span<const Pending> batch) {
  std::set<std::string> keys;
  for (const Pending& pending : batch) {
    keys.insert(pending.key);
    keys.insert(pending.manifest.supersedes.begin(), pending.manifest.supersedes.end());
  }
  std::vector<std::vector<SqlValue>> rows;
  for (const std::string& key : keys) rows.push_back({key});
  SG_RETURN_IF_ERROR(connection.Execute(
      "CREATE OR REPLACE TEMP TABLE newly_applied AS SELECT key FROM applied_manifest LIMIT 0"));
  SG_RETURN_IF_ERROR(connection.Append("newly_applied", rows));
  return connection.Execute(
      "INSERT INTO applied_manifest FROM newly_applied WHERE key NOT IN (FROM applied_manifest); "
      "DROP TABLE newly_applied");
}

Status MarkChanged(DuckDbConnection& connection, const std::string& table) {
  return connection.Execute(
      fmt::format("INSERT INTO changed_table VALUES ({})", QuoteLiteral(table)));
}

// What one transaction brings to one table.
struct TableFiles {
  std::vector<lake::MaterializedObject> files{};
  int64_t rows = 0;

  std::vector<std::string> Paths() const {
    std::vector<std::string> paths;
    for (const lake::MaterializedObject& file : files) paths.push_back(file.path());
    return paths;
  }
};

Status MergeTable(DuckDbConnection& connection,
                  const model::Table& table,
                  std::span<const std::string> paths,
                  int64_t shares) {
  for (int64_t share = 0; share < shares; ++share)
    SG_RETURN_IF_ERROR(connection.Execute(MergeSql(table, paths, {share, shares})));
  SG_RETURN_IF_ERROR(MarkChanged(connection, table.name));
  if (table.kind != model::TableKind::kSnapshot) return Ok();
  std::string list;
  for (const std::string& path : paths) list += (list.empty() ? "" : ", ") + QuoteLiteral(path);
  return connection.Execute(
      fmt::format("INSERT INTO changed_day SELECT DISTINCT day FROM read_parquet([{}])", list));
}

}  // namespace

struct Warehouse::Impl {
  Impl(WarehouseOptions chosen, const model::Catalog& declared)
      : options(std::move(chosen)), catalog(declared) {}

  WarehouseOptions options;
  const model::Catalog& catalog;
  std::shared_mutex opening;  // Exclusive while the file is opened; shared while it is asked.
  std::unique_ptr<storage::DuckDb> database;
  std::unique_ptr<DuckDbConnection> writer;  // Guarded by writing.
  std::mutex writing;

  Status OpenFile();
  // After an OpenFile that failed.
  Status Ready() { return writer == nullptr ? OpenFile() : Ok(); }
  Status ReleaseMemory();
  Result<std::set<std::string>> AppliedKeys();
  Result<std::vector<std::string>> UnappliedKeys(lake::ObjectStore& lake);
  Status Apply(lake::ObjectStore& lake, std::span<const Pending> batch, LoadReport& report);
  Status ApplyTable(lake::ObjectStore& lake,
                    std::span<const Pending> batch,
                    const std::string& name,
                    std::span<const std::string> paths,
                    int64_t shares);
  Result<LoadReport> ApplyKeys(lake::ObjectStore& lake, std::span<const std::string> keys);
  Result<std::string> LoadedReadings(lake::ObjectStore& lake,
                                     const std::string& readings,
                                     const model::Table& newest,
                                     std::span<const Pending> batch);

  std::vector<lake::MaterializedObject> borrowed;  // While a late reading is loaded.
};

Warehouse::Warehouse(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Warehouse::~Warehouse() = default;

Result<std::unique_ptr<Warehouse>> Warehouse::Open(const WarehouseOptions& options,
                                                   const model::Catalog& catalog) {
  std::error_code error;
  fs::create_directories(fs::path(options.path).parent_path(), error);
  fs::create_directories(options.published_directory, error);
  fs::create_directories(options.scratch_directory, error);
  if (error)
    return Error(ErrorKind::kExhausted,
                 "the warehouse's folders cannot be created: " + error.message());
  auto impl = std::make_unique<Impl>(options, catalog);
  SG_RETURN_IF_ERROR(impl->OpenFile());
  SG_RETURN_IF_ERROR(BringUpToDate(*impl->writer, options.files, catalog));
  return std::unique_ptr<Warehouse>(new Warehouse(std::move(impl)));
}

// No two databases of a file at once: the earlier one is gone first.
Status Warehouse::Impl::OpenFile() {
  const std::unique_lock lock(opening);
  writer.reset();
  database.reset();
  SG_TRY(database,
         storage::DuckDb::Open({.path = options.path,
                                .threads = options.threads,
                                .memory_limit_bytes = options.memory_limit_bytes,
                                .temp_directory = options.scratch_directory}));
  SG_TRY(writer, database->Connect());
  return Ok();
}

// DuckDB (1.5) keeps some memory of each MERGE, about 25 bytes a changed row, until the file is
// closed, and counts it against its limit: after half a year of daily merges nothing fitted.
// Between transactions the file is opened again once that has grown to a part of the limit.
Status Warehouse::Impl::ReleaseMemory() {
  constexpr int64_t kPartOfLimit = 16;
  SG_TRY(const SqlRows rows,
         writer->Query("SELECT sum(memory_usage_bytes)::BIGINT FROM duckdb_memory() WHERE tag = "
                       "'ALLOCATOR'"));
  if (rows.Integer(0, 0) < options.memory_limit_bytes / kPartOfLimit) return Ok();
  return OpenFile();
}

Status Warehouse::Remove(const std::string& path) {
  for (const std::string& file : {path, path + ".wal"}) {
    std::error_code error;
    fs::remove(file, error);
    if (error)
      return Error(ErrorKind::kInternal,
                   fmt::format("cannot delete {}: {}", file, error.message()));
  }
  return Ok();
}

Result<std::set<std::string>> Warehouse::Impl::AppliedKeys() {
  SG_TRY(const SqlRows rows, writer->Query("SELECT key FROM applied_manifest"));
  std::set<std::string> applied;
  for (std::size_t row = 0; row < rows.size(); ++row) applied.insert(rows.Text(row, 0));
  return applied;
}

// Of the cover only: a superseded manifest's objects may be gone.
Result<std::vector<std::string>> Warehouse::Impl::UnappliedKeys(lake::ObjectStore& lake) {
  SG_TRY(const std::set<std::string> applied, AppliedKeys());
  SG_TRY(std::vector<std::string> keys, lake::ListManifests(lake, model::Layer::kAnalytics));
  std::erase_if(keys, [&](const std::string& key) { return applied.contains(key); });
  SG_TRY(lake::Cover cover, lake::CoverOf(lake, keys));
  return std::move(cover.keys);
}

// Every reading of what has been loaded and of `batch`, as a relation. Attempts that wait for a
// later batch are left out, though a compaction may have put their rows into the same file.
Result<std::string> Warehouse::Impl::LoadedReadings(lake::ObjectStore& lake,
                                                    const std::string& readings,
                                                    const model::Table& newest,
                                                    std::span<const Pending> batch) {
  SG_TRY(std::set<std::string> keys, AppliedKeys());
  for (const Pending& pending : batch) {
    keys.insert(pending.key);
    for (const lake::PublishedManifest& attempt : pending.new_attempts) keys.insert(attempt.key);
  }
  std::vector<std::vector<SqlValue>> attempts;
  for (const std::string& key : keys) attempts.push_back({lake::AttemptOfManifestKey(key)});
  SG_RETURN_IF_ERROR(
      writer->Execute("CREATE OR REPLACE TEMP TABLE loaded_attempt (attempt VARCHAR)"));
  SG_RETURN_IF_ERROR(writer->Append("loaded_attempt", attempts));
  std::vector<std::string> paths;
  borrowed.clear();
  for (const model::Dataset& dataset : catalog.datasets) {
    if (dataset.FindTable(readings) == nullptr) continue;
    SG_TRY(const lake::Cover cover, lake::ListCover(lake, model::Layer::kAnalytics, dataset.name));
    for (const std::string& key : cover.keys) {
      SG_TRY(const Manifest manifest, lake::ReadManifest(lake, key));
      for (const model::ManifestObject& object : manifest.objects) {
        if (object.table != readings) continue;
        SG_TRY(lake::MaterializedObject local,
               lake::Materialize(lake, object.key, options.scratch_directory));
        paths.push_back(local.path());
        borrowed.push_back(std::move(local));
      }
    }
  }
  return fmt::format("(SELECT * FROM {} WHERE attempt IN (FROM loaded_attempt))",
                     FileRows(newest, paths));
}

Status Warehouse::Impl::ApplyTable(lake::ObjectStore& lake,
                                   std::span<const Pending> batch,
                                   const std::string& name,
                                   std::span<const std::string> paths,
                                   int64_t shares) {
  const ReadingTables derived = DerivedFrom(catalog, name);
  if (derived.newest == nullptr) {
    const model::Table* table = catalog.FindTable(name).second;
    if (table == nullptr)
      return Error(ErrorKind::kCorrupt,
                   "a manifest names a table that no declaration has: " + name);
    return MergeTable(*writer, *table, paths, shares);
  }
  std::optional<std::string> loaded;  // The same for every share.
  const auto all_rows = [&]() -> Result<std::string> {
    if (!loaded) {
      SG_TRY(loaded, LoadedReadings(lake, name, *derived.newest, batch));
    }
    return *loaded;
  };
  for (int64_t share = 0; share < shares; ++share)
    SG_RETURN_IF_ERROR(MergeReadings(*writer, derived, paths, {share, shares}, all_rows));
  for (const model::Table* table : {derived.newest, derived.changes})
    SG_RETURN_IF_ERROR(MarkChanged(*writer, table->name));
  return Ok();
}

Status Warehouse::Impl::Apply(lake::ObjectStore& lake,
                              std::span<const Pending> batch,
                              LoadReport& report) {
  SG_RETURN_IF_ERROR(ReleaseMemory());
  std::map<std::string, TableFiles> objects;  // By table.
  for (const Pending& pending : batch) {
    // A compaction of what has been loaded brings nothing new.
    if (pending.new_attempts.empty()) continue;
    for (const model::ManifestObject& object : pending.manifest.objects) {
      SG_TRY(lake::MaterializedObject local,
             lake::Materialize(lake, object.key, options.scratch_directory));
      objects[object.table].files.push_back(std::move(local));
      objects[object.table].rows += object.lines;
      ++report.files;
    }
  }
  return writer->Transaction([&]() -> Status {
    for (const auto& [name, files] : objects) {
      const int64_t shares = files.rows / options.rows_per_merge + 1;
      SG_RETURN_IF_ERROR(ApplyTable(lake, batch, name, files.Paths(), shares));
    }
    borrowed.clear();
    SG_RETURN_IF_ERROR(AppendLog(*writer, batch));
    return MarkApplied(*writer, batch);
  });
}

Result<LoadReport> Warehouse::Impl::ApplyKeys(lake::ObjectStore& lake,
                                              std::span<const std::string> keys) {
  LoadReport report;
  SG_TRY(std::set<std::string> applied, AppliedKeys());
  std::vector<Pending> batch;
  int64_t rows = 0;
  for (const std::string& key : keys) {
    SG_TRY(Manifest manifest, lake::ReadManifest(lake, key));
    if (manifest.sandbox != options.sandbox) {
      return Error(ErrorKind::kConflict,
                   fmt::format("the lake holds {} data, this data folder is {}: {}",
                               manifest.sandbox ? "sandbox" : "real",
                               options.sandbox ? "a sandbox" : "not a sandbox",
                               key));
    }
    if (catalog.FindDataset(manifest.dataset) == nullptr) {
      report.unknown_datasets.push_back(manifest.dataset);
      continue;
    }
    Pending pending{.key = key, .manifest = std::move(manifest)};
    for (lake::PublishedManifest& attempt : lake::AttemptsOf(key, pending.manifest)) {
      if (applied.insert(attempt.key).second) pending.new_attempts.push_back(std::move(attempt));
    }
    for (const model::ManifestObject& object : pending.manifest.objects) rows += object.lines;
    batch.push_back(std::move(pending));
    ++report.manifests;
    if (batch.size() == kManifestsPerTransaction ||
        rows >= kMergesPerTransaction * options.rows_per_merge) {
      SG_RETURN_IF_ERROR(Apply(lake, batch, report));
      batch.clear();
      rows = 0;
    }
  }
  if (!batch.empty()) SG_RETURN_IF_ERROR(Apply(lake, batch, report));
  return report;
}

Result<LoadReport> Warehouse::Load(lake::ObjectStore& lake) {
  const std::lock_guard lock(impl_->writing);
  SG_RETURN_IF_ERROR(impl_->Ready());
  SG_TRY(const std::vector<std::string> keys, impl_->UnappliedKeys(lake));
  return impl_->ApplyKeys(lake, keys);
}

Result<LoadReport> Warehouse::LoadManifests(lake::ObjectStore& lake,
                                            std::span<const std::string> keys) {
  const std::lock_guard lock(impl_->writing);
  SG_RETURN_IF_ERROR(impl_->Ready());
  for (const std::string& key : keys) {
    SG_TRY(const Manifest manifest, lake::ReadManifest(lake, key));
    for (const lake::PublishedManifest& attempt : lake::AttemptsOf(key, manifest)) {
      // Loading again must not log a subject twice.
      const std::vector<SqlValue> parameters{attempt.key};
      SG_TRY([[maybe_unused]] SqlRows none,
             impl_->writer->Query("DELETE FROM collection_log WHERE manifest = $1", parameters));
      SG_TRY(none, impl_->writer->Query("DELETE FROM applied_manifest WHERE key = $1", parameters));
    }
    SG_RETURN_IF_ERROR(impl_->ApplyKeys(lake, {&key, 1}));
  }
  return LoadReport{.manifests = static_cast<int64_t>(keys.size())};
}

Status Warehouse::Publish(Clock& clock) {
  const std::lock_guard lock(impl_->writing);
  SG_RETURN_IF_ERROR(impl_->Ready());
  const MartTexts marts{
      .repository_day = TextOf(impl_->options.files, "marts/repository_day.sql"),
      .trend_repository = TextOf(impl_->options.files, "marts/trend_repository.sql")};
  SG_TRY(const SqlRows changed,
         impl_->writer->Query("SELECT (SELECT count(*) FROM changed_table) + "
                              "(SELECT count(*) FROM changed_day) + (SELECT 1 - count(*) FROM "
                              "duckdb_tables() WHERE table_name = 'trend_repository')"));
  if (changed.Integer(0, 0) > 0)
    SG_RETURN_IF_ERROR(RebuildMarts(*impl_->writer, impl_->catalog, marts));
  return PublishChanges(
      *impl_->writer,
      impl_->catalog,
      {.directory = impl_->options.published_directory, .sandbox = impl_->options.sandbox},
      clock);
}

Result<SqlRows> Warehouse::Query(std::string_view sql, std::span<const SqlValue> parameters) {
  const std::shared_lock lock(impl_->opening);
  if (impl_->database == nullptr)
    return Error(ErrorKind::kUnavailable, "the warehouse could not be opened again");
  SG_TRY(const std::unique_ptr<DuckDbConnection> connection, impl_->database->Connect());
  return connection->Query(sql, parameters);
}

}  // namespace stargaze::warehouse
