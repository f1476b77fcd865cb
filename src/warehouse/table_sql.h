// The SQL of one declared table in the warehouse: what it looks like and how rows get into it.

#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/table.h"

namespace stargaze::warehouse {

struct StoredColumn {
  std::string name{};
  std::string type{};  // DuckDB's
};

// Declared columns, then what the table's kind adds, then the version columns that every row
// carries.
std::vector<StoredColumn> StoredColumns(const model::Table& table);

// The declared key and what the table's kind adds to it.
std::vector<std::string> StoredKey(const model::Table& table);

// No primary key: DuckDB's MERGE is ten times slower with one.
std::string CreateTableSql(const model::Table& table);

// A share of the rows, by a hash of their key: all versions of a key are in one.
struct Share {
  int64_t index = 0;
  int64_t of = 1;
};

// Merges Parquet files; newest by version order wins, whatever order files come in.
std::string MergeSql(const model::Table& table,
                     std::span<const std::string> paths,
                     const Share& share = {});

// The rows of Parquet files with every column of the table, in parentheses.
std::string FileRows(const model::Table& table,
                     std::span<const std::string> paths,
                     const Share& share = {});

// (provenance rank, observed_at, attempt, ordinal) of a relation's rows: the total order of
// versions.
std::string VersionOf(const std::string& relation);

}  // namespace stargaze::warehouse
