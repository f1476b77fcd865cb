#include "refine/refine.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <system_error>
#include <utility>

#include "base/crc32c.h"
#include "lake/gzip_writer.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "lake/object_bytes.h"
#include "refine/refine_sql.h"
#include "storage/duckdb.h"
#include "storage/parquet_writer.h"

namespace stargaze::refine {
namespace {

namespace fs = std::filesystem;
using model::Dataset;
using model::Manifest;
using model::ManifestObject;
using storage::DuckDbConnection;
using storage::QuoteLiteral;
using storage::SqlRows;

// DuckDB's own default; its buffers grow with it, so the larger one is used only where a line needs
// it.
constexpr int64_t kLineBytesUsual = int64_t{16} << 20;
// Above the largest body that is collected (64 MiB) and its envelope.
constexpr int64_t kLineBytesMax = int64_t{80} << 20;

// Responses as plain text in scratch files, which go with this object: ISA-L inflates several times
// faster than DuckDB's own reader.
class RawFiles {
 public:
  RawFiles() = default;
  ~RawFiles() {
    std::error_code error;
    for (const std::string& path : paths) fs::remove(path, error);
  }
  RawFiles(const RawFiles&) = delete;
  RawFiles& operator=(const RawFiles&) = delete;

  Status Add(const ManifestObject& object, lake::ObjectStore& lake, const std::string& scratch) {
    SG_TRY(const std::string bytes, lake::ReadObject(lake, object));
    // Quarantine entries name an object as it was first published.
    const std::string& key = object.origin.empty() ? object.key : object.origin;
    const std::string name = key.substr(key.rfind('/') + 1);
    paths.push_back(scratch + "/" + name.substr(0, name.size() - std::string_view(".gz").size()));
    keys.push_back(key);
    lines += object.lines;
    std::ofstream file(paths.back(), std::ios::binary | std::ios::trunc);
    SG_RETURN_IF_ERROR(lake::Inflate(bytes, [&](std::string_view piece) -> Status {
      file.write(piece.data(), static_cast<std::streamsize>(piece.size()));
      if (file) return Ok();
      return Error(ErrorKind::kExhausted, "No space left for a scratch file: " + paths.back());
    }));
    file.flush();
    if (!file)
      return Error(ErrorKind::kExhausted, "No space left for a scratch file: " + paths.back());
    return Ok();
  }

  std::vector<std::string> paths;
  std::vector<std::string> keys;  // Same order as paths.
  int64_t lines = 0;
};

Status ReadLines(DuckDbConnection& connection, const Dataset& dataset, const RawFiles& files) {
  Status read = connection.Execute(LineSql(dataset, files.paths, kLineBytesUsual));
  if (!read.ok() && read.error().message().find("maximum_object_size") != std::string::npos) {
    read = connection.Execute(LineSql(dataset, files.paths, kLineBytesMax));
  }
  SG_RETURN_IF_ERROR(std::move(read));
  SG_TRY(const SqlRows counted,
         connection.Query("SELECT count(*) FROM line WHERE ordinal IS NOT NULL"));
  if (counted.Integer(0, 0) == files.lines) return Ok();
  return Error(ErrorKind::kCorrupt,
               fmt::format("responses cannot be read: manifest says {}, found {}",
                           files.lines,
                           counted.Integer(0, 0)));
}

class Refinement {
 public:
  Refinement(const Manifest& raw,
             const Dataset& dataset,
             lake::ObjectStore& lake,
             storage::DuckDb& engine,
             const RefineOptions& options)
      : raw_(raw),
        dataset_(dataset),
        lake_(lake),
        engine_(engine),
        options_(options),
        fields_(DistinctFields(dataset)) {}

  Result<RefineReport> Run(Manifest& manifest) {
    if (!raw_.objects.empty()) {
      SG_TRY(connection_, engine_.Connect());
      RawFiles files;
      for (const ManifestObject& object : raw_.objects)
        SG_RETURN_IF_ERROR(files.Add(object, lake_, options_.scratch_directory));
      SG_RETURN_IF_ERROR(ReadLines(*connection_, dataset_, files));
      SG_RETURN_IF_ERROR(connection_->Execute(RecordSql(dataset_, fields_)));
      SG_RETURN_IF_ERROR(connection_->Execute(CheckedSql(fields_)));
      SG_TRY(const SqlRows records, connection_->Query("SELECT count(*) FROM checked"));
      report_.records = records.Integer(0, 0);
      for (const model::Table& table : dataset_.tables)
        SG_RETURN_IF_ERROR(WriteTable(table, manifest));
      SG_RETURN_IF_ERROR(WriteQuarantine(files, manifest));
    }
    return report_;
  }

 private:
  std::string ScratchPath(const std::string& name) const {
    return options_.scratch_directory + "/" + raw_.attempt + "-" + name;
  }

  Status WriteTable(const model::Table& table, Manifest& manifest) {
    const std::string path = ScratchPath(table.name + ".parquet");
    const std::string select = TableSql(dataset_, table, fields_, raw_.attempt);
    SG_TRY(const SqlRows copied,
           connection_->Query(fmt::format(
               "COPY ({}) TO {}{}", select, QuoteLiteral(path), storage::ParquetCopyOptions())));
    const int64_t rows = copied.Integer(0, 0);
    report_.rows += rows;
    if (rows == 0) return RemoveFile(path);
    const std::string key = lake::AnalyticsObjectKey(table.name, raw_.logical_date, raw_.attempt);
    SG_TRY(ManifestObject object, PutFile(key, path));
    object.table = table.name;
    object.lines = rows;
    manifest.objects.push_back(std::move(object));
    return Ok();
  }

  Status WriteQuarantine(const RawFiles& files, Manifest& manifest) {
    SG_RETURN_IF_ERROR(connection_->Execute(QuarantineSql(dataset_, fields_)));
    SG_TRY(const SqlRows counts,
           connection_->Query(
               "SELECT field || ' ' || rule, count(*) FROM quarantine GROUP BY ALL ORDER BY ALL"));
    for (std::size_t row = 0; row < counts.size(); ++row) {
      manifest.quarantined[counts.Text(row, 0)] = counts.Integer(row, 1);
      report_.quarantined += counts.Integer(row, 1);
    }
    if (counts.empty()) return Ok();
    std::string keys;
    for (std::size_t i = 0; i < files.paths.size(); ++i) {
      keys += fmt::format(
          " WHEN {} THEN {}", QuoteLiteral(files.paths[i]), QuoteLiteral(files.keys[i]));
    }
    const std::string path = ScratchPath("quarantine.ndjson.gz");
    SG_RETURN_IF_ERROR(
        connection_->Execute(fmt::format("COPY (SELECT CASE object{} END AS object, line, record, "
                                         "path, rule, value FROM quarantine) TO {} "
                                         "(FORMAT json, COMPRESSION gzip)",
                                         keys,
                                         QuoteLiteral(path))));
    SG_TRY([[maybe_unused]] const ManifestObject object,
           PutFile(lake::QuarantineKey(dataset_.name, raw_.logical_date, raw_.attempt), path));
    return Ok();
  }

  // Replaces what a killed refinement of the same manifest left: no reader has seen it, and it is
  // the same.
  Result<ManifestObject> PutFile(const std::string& key, const std::string& path) {
    SG_RETURN_IF_ERROR(lake_.PutFile(key, path, lake::PutMode::kReplace));
    SG_TRY(const std::string bytes, lake_.Get(key));
    return ManifestObject{
        .key = key, .bytes = static_cast<int64_t>(bytes.size()), .crc32c = Crc32c(bytes)};
  }

  static Status RemoveFile(const std::string& path) {
    std::error_code error;
    fs::remove(path, error);
    return Ok();
  }

  const Manifest& raw_;
  const Dataset& dataset_;
  lake::ObjectStore& lake_;
  storage::DuckDb& engine_;
  const RefineOptions& options_;
  std::vector<Field> fields_;
  std::unique_ptr<DuckDbConnection> connection_;
  RefineReport report_;
};

Manifest AnalyticsManifest(const Manifest& raw,
                           const std::string& raw_key,
                           const Dataset& dataset,
                           Instant now) {
  Manifest manifest = raw;  // Subjects and request counts go along: the warehouse logs them.
  manifest.layer = model::Layer::kAnalytics;
  manifest.schema_version = dataset.schema_version;
  manifest.declaration_hash = dataset.hash;
  manifest.started_at = now;
  manifest.objects.clear();
  manifest.raw_manifest = raw_key;
  return manifest;
}

}  // namespace

Result<RefineReport> Refine(const Manifest& raw,
                            const std::string& raw_manifest_key,
                            const Dataset& dataset,
                            lake::ObjectStore& lake,
                            storage::DuckDb& engine,
                            Clock& clock,
                            const RefineOptions& options) {
  std::error_code error;
  fs::create_directories(options.scratch_directory, error);
  Manifest manifest = AnalyticsManifest(raw, raw_manifest_key, dataset, clock.Now());
  SG_TRY(RefineReport report, Refinement(raw, dataset, lake, engine, options).Run(manifest));
  manifest.ended_at = clock.Now();
  SG_TRY(report.manifest_key, lake::PublishManifest(lake, manifest));
  return report;
}

}  // namespace stargaze::refine
