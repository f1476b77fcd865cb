#include "refine/compact_rows.h"

#include <fmt/core.h>

#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "base/crc32c.h"
#include "lake/layout.h"
#include "lake/materialize.h"
#include "lake/object_bytes.h"
#include "storage/parquet_writer.h"

namespace stargaze::refine {
namespace {

using model::ManifestObject;
using storage::QuoteIdentifier;
using storage::QuoteLiteral;

// A table that nobody declares any more keeps the order of its attempts.
std::string OrderOf(const model::Table* table) {
  std::string order;
  if (table != nullptr) {
    for (const std::string& column : table->key) order += QuoteIdentifier(column) + ", ";
  }
  return order + "observed_at, attempt, ordinal";
}

Result<ManifestObject> Merge(lake::ObjectStore& lake,
                             storage::DuckDbConnection& connection,
                             const std::vector<ManifestObject>& sources,
                             const std::string& key,
                             const std::string& order,
                             const std::string& scratch_directory) {
  std::vector<lake::MaterializedObject> files;
  std::string paths;
  int64_t rows = 0;
  for (const ManifestObject& source : sources) {
    SG_TRY([[maybe_unused]] const std::string checked, lake::ReadObject(lake, source));
    SG_TRY(lake::MaterializedObject file, lake::Materialize(lake, source.key, scratch_directory));
    paths += (paths.empty() ? "" : ", ") + QuoteLiteral(file.path());
    files.push_back(std::move(file));
    rows += source.lines;
  }
  const std::string path = scratch_directory + "/" + key.substr(key.rfind('/') + 1);
  SG_TRY(const storage::SqlRows copied,
         connection.Query(fmt::format(
             "COPY (SELECT * FROM read_parquet([{}], union_by_name = true) ORDER BY {}) TO {}{}",
             paths,
             order,
             QuoteLiteral(path),
             storage::ParquetCopyOptions())));
  if (copied.Integer(0, 0) != rows) {
    return Error(ErrorKind::kCorrupt,
                 fmt::format("the objects that become {} have {} rows, their manifests say {}",
                             key,
                             copied.Integer(0, 0),
                             rows));
  }
  SG_RETURN_IF_ERROR(lake.PutFile(key, path, lake::PutMode::kIfAbsent));
  SG_TRY(const std::string bytes, lake.Get(key));
  return ManifestObject{.key = key,
                        .table = sources.front().table,
                        .bytes = static_cast<int64_t>(bytes.size()),
                        .crc32c = Crc32c(bytes),
                        .lines = rows};
}

}  // namespace

Result<lake::CompactReport> CompactRows(lake::ObjectStore& lake,
                                        const model::Dataset& dataset,
                                        storage::DuckDb& engine,
                                        Clock& clock,
                                        const lake::CompactOptions& options) {
  SG_TRY(const std::unique_ptr<storage::DuckDbConnection> connection, engine.Connect());
  const auto move = [&](const lake::DayManifests& day) -> Result<lake::MovedObjects> {
    lake::MovedObjects moved;
    std::map<std::string, std::vector<ManifestObject>> small;  // By table.
    for (const auto& [key, manifest] : day.manifests) {
      for (const ManifestObject& object : manifest.objects) {
        if (object.bytes < options.target_bytes) {
          small[object.table].push_back(object);
        } else {
          moved.objects.push_back(object);
        }
      }
    }
    for (const auto& [table, sources] : small) {
      if (sources.size() == 1) {
        moved.objects.push_back(sources.front());
        continue;
      }
      const std::string key = lake::AnalyticsObjectKey(table, day.day, day.attempt);
      SG_TRY(ManifestObject object,
             Merge(lake,
                   *connection,
                   sources,
                   key,
                   OrderOf(dataset.FindTable(table)),
                   options.scratch_directory));
      for (const ManifestObject& source : sources) moved.moves[source.key] = {.key = key};
      moved.objects.push_back(std::move(object));
    }
    return moved;
  };
  return lake::CompactDays(lake, model::Layer::kAnalytics, dataset.name, clock, options, move);
}

}  // namespace stargaze::refine
