// Tables derived from readings at load: the newest reading per key, and every change between
// readings in version order (docs/contracts.md "Warehouse").

#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "model/dataset.h"
#include "storage/duckdb.h"
#include "warehouse/table_sql.h"

namespace stargaze::warehouse {

struct ReadingTables {
  const model::Table* newest = nullptr;
  const model::Table* changes = nullptr;
};

// Those derived from a table of readings; both null when nothing is called so.
ReadingTables DerivedFrom(const model::Catalog& catalog, const std::string& readings);

// Merges a share of files of readings. Where one is older than what is stored already, all changes
// of its key are found anew from every file of readings that has been loaded or is being loaded:
// `all_rows` gives them as a relation, and is asked in that case only.
Status MergeReadings(storage::DuckDbConnection& connection,
                     const ReadingTables& tables,
                     std::span<const std::string> paths,
                     const Share& share,
                     const std::function<Result<std::string>()>& all_rows);

}  // namespace stargaze::warehouse
