// Brings a warehouse file to the shape that this program and the catalog want.

#pragma once

#include <span>
#include <string_view>

#include "base/embedded_files.h"
#include "base/result.h"
#include "model/dataset.h"
#include "storage/duckdb.h"

namespace stargaze::warehouse {

// Runs the migrations (src/warehouse/migrations/NNNN_*.sql) that the file has not seen, in order of
// their names, each in one transaction; then adds declared tables and columns that are missing.
Status BringUpToDate(storage::DuckDbConnection& connection,
                     std::span<const EmbeddedFile> files,
                     const model::Catalog& catalog);

}  // namespace stargaze::warehouse
