#include "warehouse/table_sql.h"

#include <fmt/core.h>

#include <algorithm>

#include "storage/duckdb.h"

namespace stargaze::warehouse {
namespace {

using model::Table;
using model::TableKind;
using storage::QuoteIdentifier;
using storage::QuoteLiteral;

bool Contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// No rows, but every column with its type: files written before a column was declared lack it.
std::string EmptyRelation(const Table& table) {
  std::string columns;
  for (const StoredColumn& column : StoredColumns(table)) {
    columns += fmt::format(
        "{}NULL::{} AS {}", columns.empty() ? "" : ", ", column.type, QuoteIdentifier(column.name));
  }
  return "SELECT " + columns + " LIMIT 0";
}

std::string KeyList(const Table& table) {
  std::string list;
  for (const std::string& column : StoredKey(table))
    list += (list.empty() ? "" : ", ") + QuoteIdentifier(column);
  return list;
}

// One row per key: a duplicate key in a MERGE's source would win or lose silently.
std::string SourceRows(const Table& table, std::span<const std::string> paths, const Share& share) {
  std::string columns = "*";
  if (table.kind == TableKind::kHistory) {
    columns = fmt::format(
        "* REPLACE (min(first_seen) OVER same AS first_seen, max(last_seen) OVER same AS "
        "last_seen)");
  }
  return fmt::format(
      "(SELECT {0} FROM {1} AS file WINDOW same AS (PARTITION BY {2}) QUALIFY row_number() OVER "
      "(PARTITION BY {2} "
      "ORDER BY {3} DESC) = 1 ORDER BY {2})",
      columns,
      FileRows(table, paths, share),
      KeyList(table),
      VersionOf("file"));
}

std::string MatchCondition(const Table& table) {
  std::string condition;
  for (const std::string& column : StoredKey(table)) {
    condition += fmt::format(
        "{0}stored.{1} = source.{1}", condition.empty() ? "" : " AND ", QuoteIdentifier(column));
  }
  return condition;
}

std::string Assignments(const Table& table) {
  const std::vector<std::string> key = StoredKey(table);
  const bool is_history = table.kind == TableKind::kHistory;
  std::string list;
  for (const StoredColumn& column : StoredColumns(table)) {
    if (Contains(key, column.name)) continue;
    const std::string name = QuoteIdentifier(column.name);
    std::string value = "source." + name;
    if (is_history) {
      value = fmt::format("CASE WHEN {} > {} THEN source.{} ELSE stored.{} END",
                          VersionOf("source"),
                          VersionOf("stored"),
                          name,
                          name);
    }
    if (column.name == "first_seen") value = "least(stored.first_seen, source.first_seen)";
    if (column.name == "last_seen") value = "greatest(stored.last_seen, source.last_seen)";
    list += fmt::format("{}{} = {}", list.empty() ? "" : ", ", name, value);
  }
  return list;
}

}  // namespace

std::string FileRows(const Table& table, std::span<const std::string> paths, const Share& share) {
  std::string list;
  for (const std::string& path : paths) list += (list.empty() ? "" : ", ") + QuoteLiteral(path);
  const std::string all =
      fmt::format("(FROM ({}) UNION ALL BY NAME FROM read_parquet([{}], union_by_name = true))",
                  EmptyRelation(table),
                  list);
  if (share.of == 1) return all;
  return fmt::format(
      "(FROM {} WHERE hash({}) % {} = {})", all, KeyList(table), share.of, share.index);
}

std::vector<std::string> StoredKey(const Table& table) {
  std::vector<std::string> key = table.key;
  if (table.kind == TableKind::kSnapshot) key.insert(key.end(), {"day", "request"});
  return key;
}

std::vector<StoredColumn> StoredColumns(const Table& table) {
  std::vector<StoredColumn> columns;
  for (const model::Column& column : table.columns) {
    columns.push_back({.name = column.name, .type = std::string(DuckDbTypeOf(column.type))});
  }
  if (table.kind == TableKind::kSnapshot) {
    columns.push_back({.name = "day", .type = "DATE"});
    columns.push_back({.name = "request", .type = "VARCHAR"});
  }
  if (table.kind == TableKind::kHistory) {
    columns.push_back({.name = "first_seen", .type = "TIMESTAMP"});
    columns.push_back({.name = "last_seen", .type = "TIMESTAMP"});
  }
  columns.push_back({.name = "observed_at", .type = "TIMESTAMP"});
  columns.push_back({.name = "attempt", .type = "VARCHAR"});
  columns.push_back({.name = "provenance", .type = "VARCHAR"});
  columns.push_back({.name = "ordinal", .type = "BIGINT"});
  return columns;
}

std::string CreateTableSql(const Table& table) {
  std::string columns;
  for (const StoredColumn& column : StoredColumns(table)) {
    columns += fmt::format(
        "{}{} {}", columns.empty() ? "" : ", ", QuoteIdentifier(column.name), column.type);
  }
  return fmt::format("CREATE TABLE IF NOT EXISTS {} ({})", QuoteIdentifier(table.name), columns);
}

std::string VersionOf(const std::string& relation) {
  return fmt::format(
      "(CASE {0}.provenance WHEN 'measured' THEN 2 WHEN 'source_reported' THEN 1 ELSE 0 END, "
      "{0}.observed_at, "
      "{0}.attempt, {0}.ordinal)",
      relation);
}

std::string MergeSql(const Table& table, std::span<const std::string> paths, const Share& share) {
  std::string names;
  std::string values;
  for (const StoredColumn& column : StoredColumns(table)) {
    const std::string name = QuoteIdentifier(column.name);
    names += (names.empty() ? "" : ", ") + name;
    values += (values.empty() ? "source." : ", source.") + name;
  }
  // A history row widens even by an older version.
  const std::string newer =
      table.kind == TableKind::kHistory
          ? std::string()
          : fmt::format(" AND {} > {}", VersionOf("source"), VersionOf("stored"));
  return fmt::format(
      "MERGE INTO {} AS stored USING {} AS source ON {} WHEN MATCHED{} THEN UPDATE SET {} "
      "WHEN NOT MATCHED THEN INSERT ({}) VALUES ({})",
      QuoteIdentifier(table.name),
      SourceRows(table, paths, share),
      MatchCondition(table),
      newer,
      Assignments(table),
      names,
      values);
}

}  // namespace stargaze::warehouse
