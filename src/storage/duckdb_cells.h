// From DuckDB's data chunks to SqlValue. Private to storage/.

#pragma once

#include <duckdb.h>

#include "storage/duckdb.h"

namespace stargaze::storage {

// Appends the rows of `chunk`, whose columns have the given types.
void AppendChunk(duckdb_data_chunk chunk, const std::vector<duckdb_type>& types, SqlRows& rows);

// True for the types that AppendChunk reads as they are; others are cast to text by the query.
bool IsNativeType(duckdb_type type);

}  // namespace stargaze::storage
