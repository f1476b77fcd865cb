// The warehouse: tables merged from the analytics lake, and the marts over them. Disposable: it can
// be deleted and built again from the lake at any time.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/embedded_files.h"
#include "base/result.h"
#include "lake/object_store.h"
#include "model/dataset.h"
#include "storage/duckdb.h"

namespace stargaze::warehouse {

struct WarehouseOptions {
  std::string path{};  // DuckDB file.
  std::string published_directory{};
  std::string scratch_directory{};  // For spilling and for files on their way.
  int threads = 2;
  int64_t memory_limit_bytes = int64_t{2} << 30;
  // A MERGE of more is done share by share: all at once, 4,000,000 star days did not fit 2 GiB.
  int64_t rows_per_merge = 500'000;
  bool sandbox = false;
  std::span<const EmbeddedFile> files{};  // With src/warehouse/migrations/*.sql and marts/*.sql.
};

struct LoadReport {
  int64_t manifests = 0;
  int64_t files = 0;
  std::vector<std::string>
      unknown_datasets{};  // Manifests of datasets that the catalog does not have; not applied.
};

// Safe for concurrent use; loads and publications are one at a time.
class Warehouse {
 public:
  // Creates or migrates the file; adds tables and columns that the catalog has and the file lacks.
  // `catalog` must outlive the warehouse.
  static Result<std::unique_ptr<Warehouse>> Open(const WarehouseOptions& options,
                                                 const model::Catalog& catalog);
  // Deletes the file, for a rebuild; what is published stays readable.
  static Status Remove(const std::string& path);
  ~Warehouse();

  // Merges every analytics manifest that has not been applied yet; all of them in one transaction.
  Result<LoadReport> Load(lake::ObjectStore& lake);
  // The same for manifests by key, in this order, also those applied before.
  Result<LoadReport> LoadManifests(lake::ObjectStore& lake, std::span<const std::string> keys);

  // Rebuilds the marts for the days that changed, writes the changed tables as Parquet, swaps the
  // pointer.
  Status Publish(Clock& clock);

  // For tests and tools; the whole result in memory.
  Result<storage::SqlRows> Query(std::string_view sql,
                                 std::span<const storage::SqlValue> parameters = {});

 private:
  struct Impl;
  explicit Warehouse(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::warehouse
