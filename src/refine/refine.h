// Raw responses to checked, typed, deduplicated Parquet. A pure function of one raw manifest and
// the declaration.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lake/object_store.h"
#include "model/dataset.h"
#include "model/manifest.h"
#include "storage/duckdb.h"

namespace stargaze::refine {

struct RefineOptions {
  std::string scratch_directory{};  // For files on their way into the lake.
};

struct RefineReport {
  std::string manifest_key{};
  int64_t records = 0;      // Found in the responses.
  int64_t rows = 0;         // Written, over all tables.
  int64_t quarantined = 0;  // Values and records set aside.
};

// Publishes the analytics manifest that belongs to `raw`; `engine`, an in-memory database, does the
// work. Running it again gives the same objects. kCorrupt when an object does not hold what its
// manifest says; kExhausted when the disk is full.
Result<RefineReport> Refine(const model::Manifest& raw,
                            const std::string& raw_manifest_key,
                            const model::Dataset& dataset,
                            lake::ObjectStore& lake,
                            storage::DuckDb& engine,
                            Clock& clock,
                            const RefineOptions& options);

}  // namespace stargaze::refine
