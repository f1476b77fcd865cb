// Compaction of the analytics lake: many small Parquet objects of a table and day become one,
// sorted by key again.

#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "lake/compact.h"
#include "lake/object_store.h"
#include "model/dataset.h"
#include "storage/duckdb.h"

namespace stargaze::refine {

// Every row is kept, with its attempt and ordinal. kCorrupt when an object does not hold what its
// manifest says; then nothing of that day is compacted.
Result<lake::CompactReport> CompactRows(lake::ObjectStore& lake,
                                        const model::Dataset& dataset,
                                        storage::DuckDb& engine,
                                        Clock& clock,
                                        const lake::CompactOptions& options);

}  // namespace stargaze::refine
