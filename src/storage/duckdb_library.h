// DuckDB's functions, by their names without "duckdb_". Its library is loaded when the first
// database is opened: linked to it, even a program that does nothing takes 20 ms to start.
#pragma once

#include <duckdb.h>

#include "base/result.h"

namespace stargaze::storage {

// Name by name what is used of duckdb.h.
// clang-format off
#define SG_DUCKDB_FUNCTIONS(F) \
  F(append_bool) F(append_date) F(append_double) F(append_int64) F(append_null) \
  F(append_timestamp) F(append_varchar_length) F(appender_close) F(appender_create) \
  F(appender_destroy) F(appender_end_row) F(appender_error) F(bind_boolean) F(bind_date) \
  F(bind_double) F(bind_int64) F(bind_null) F(bind_timestamp) F(bind_varchar_length) F(close) \
  F(column_count) F(column_name) F(column_type) F(connect) F(create_config) \
  F(data_chunk_get_size) F(data_chunk_get_vector) F(destroy_config) F(destroy_data_chunk) \
  F(destroy_pending) F(destroy_prepare) F(destroy_result) F(disconnect) F(execute_pending) \
  F(execute_prepared) F(fetch_chunk) F(free) F(interrupt) F(library_version) F(open_ext) \
  F(pending_prepared_streaming) F(prepare) F(prepare_error) F(query) F(result_error) \
  F(result_error_type) F(set_config) F(string_t_data) F(string_t_length) \
  F(validity_row_is_valid) F(vector_get_data) F(vector_get_validity)
// clang-format on

struct DuckDbFunctions {
// NOLINTNEXTLINE(bugprone-macro-parentheses): what is declared takes none.
#define SG_DUCKDB_MEMBER(name) decltype(&::duckdb_##name) name = nullptr;
  SG_DUCKDB_FUNCTIONS(SG_DUCKDB_MEMBER)
#undef SG_DUCKDB_MEMBER
};

// Filled by LoadDuckDb; until then every pointer is null.
extern DuckDbFunctions duck;

// Loads the library once for the process; any thread may call it, any number of times. kUnavailable
// when it is neither where the build found it nor where the system looks.
[[nodiscard]] Status LoadDuckDb();

}  // namespace stargaze::storage
