// Small Parquet files from rows in memory: journals. Bulk data goes through COPY.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "storage/duckdb.h"

namespace stargaze::storage {

struct ParquetColumn {
  std::string name{};
  std::string type{};  // DuckDB's, "BIGINT"
};

// Writes `rows` (each as long as `columns`) to a new file at `path`; zstd, V1 encodings. `engine`
// does the work: opening one of its own would take longer than the writing.
Status WriteParquet(DuckDb& engine,
                    const std::string& path,
                    std::span<const ParquetColumn> columns,
                    std::span<const std::vector<SqlValue>> rows);

// " (FORMAT parquet, …)": how every Parquet file of the lake is written. V1 encodings, since not
// every Spark and Snowflake reads V2.
std::string ParquetCopyOptions();

}  // namespace stargaze::storage
