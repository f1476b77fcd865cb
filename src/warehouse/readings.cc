#include "warehouse/readings.h"

#include <fmt/core.h>

#include "warehouse/table_sql.h"

namespace stargaze::warehouse {
namespace {

using model::Table;
using storage::QuoteIdentifier;
using storage::SqlRows;

// "a.x = b.x AND a.y = b.y"
std::string SameKey(const Table& table, const std::string& a, const std::string& b) {
  std::string condition;
  for (const std::string& column : table.key) {
    condition += fmt::format("{}{}.{} = {}.{}",
                             condition.empty() ? "" : " AND ",
                             a,
                             QuoteIdentifier(column),
                             b,
                             QuoteIdentifier(column));
  }
  return condition;
}

std::string KeyList(const Table& table) {
  std::string list;
  for (const std::string& column : table.key)
    list += (list.empty() ? "" : ", ") + QuoteIdentifier(column);
  return list;
}

// Appends a change for every row of `series` that is new and differs from the row before it.
std::string InsertChanges(const ReadingTables& tables, const std::string& series) {
  const std::string value = QuoteIdentifier(tables.newest->derived->value);
  const std::string before = QuoteIdentifier(tables.newest->derived->value + "_before");
  return fmt::format(
      "INSERT INTO {0} BY NAME SELECT {1}, {2}, {3}, observed_before, observed_at, attempt, "
      "provenance, ordinal FROM (SELECT *, lag({3}) OVER same AS {2}, lag(observed_at) OVER same "
      "AS "
      "observed_before FROM ({4}) AS reading WHERE {3} IS NOT NULL WINDOW same AS (PARTITION BY "
      "{1} "
      "ORDER BY {5})) WHERE is_new AND {2} <> {3}",
      QuoteIdentifier(tables.changes->name),
      KeyList(*tables.newest),
      before,
      value,
      series,
      VersionOf("reading"));
}

// What is newer than the stored reading of its key, after that reading.
Status AppendNew(storage::DuckDbConnection& connection, const ReadingTables& tables) {
  const Table& newest = *tables.newest;
  std::string columns;
  for (const StoredColumn& column : StoredColumns(newest))
    columns += QuoteIdentifier(column.name) + ", ";
  const std::string stored = QuoteIdentifier(newest.name);
  return connection.Execute(InsertChanges(
      tables,
      fmt::format(
          "SELECT {0}true AS is_new FROM new_reading AS source WHERE NOT EXISTS (FROM "
          "late_key WHERE {2}) AND NOT EXISTS (FROM {1} AS stored WHERE {3} AND {4} >= {5}) "
          "UNION ALL SELECT {0}false AS is_new FROM {1} AS stored WHERE EXISTS (FROM "
          "new_reading WHERE {6})",
          columns,
          stored,
          SameKey(newest, "late_key", "source"),
          SameKey(newest, "stored", "source"),
          VersionOf("stored"),
          VersionOf("source"),
          SameKey(newest, "new_reading", "stored"))));
}

Status FindAnew(storage::DuckDbConnection& connection,
                const ReadingTables& tables,
                const std::string& all_rows) {
  SG_RETURN_IF_ERROR(connection.Execute(
      fmt::format("DELETE FROM {} AS stored WHERE EXISTS (FROM late_key WHERE {})",
                  QuoteIdentifier(tables.changes->name),
                  SameKey(*tables.newest, "late_key", "stored"))));
  return connection.Execute(InsertChanges(
      tables,
      fmt::format("SELECT DISTINCT *, true AS is_new FROM {} AS source WHERE EXISTS (FROM late_key "
                  "WHERE {})",
                  all_rows,
                  SameKey(*tables.newest, "late_key", "source"))));
}

}  // namespace

ReadingTables DerivedFrom(const model::Catalog& catalog, const std::string& readings) {
  ReadingTables tables;
  for (const model::SharedTable& shared : catalog.tables) {
    if (shared.readings != readings) continue;
    (shared.table.derived ? tables.newest : tables.changes) = &shared.table;
  }
  return tables;
}

Status MergeReadings(storage::DuckDbConnection& connection,
                     const ReadingTables& tables,
                     std::span<const std::string> paths,
                     const Share& share,
                     const std::function<Result<std::string>()>& all_rows) {
  const Table& newest = *tables.newest;
  SG_RETURN_IF_ERROR(connection.Execute(
      fmt::format("CREATE OR REPLACE TEMP TABLE new_reading AS SELECT DISTINCT * FROM {}",
                  FileRows(newest, paths, share))));
  SG_RETURN_IF_ERROR(connection.Execute(
      fmt::format("CREATE OR REPLACE TEMP TABLE late_key AS SELECT DISTINCT {} FROM new_reading AS "
                  "source SEMI JOIN {} AS stored ON {} AND {} < {}",
                  KeyList(newest),
                  QuoteIdentifier(newest.name),
                  SameKey(newest, "source", "stored"),
                  VersionOf("source"),
                  VersionOf("stored"))));
  SG_RETURN_IF_ERROR(AppendNew(connection, tables));
  SG_RETURN_IF_ERROR(connection.Execute(MergeSql(newest, paths, share)));
  SG_TRY(const SqlRows late, connection.Query("SELECT count(*) FROM late_key"));
  if (late.Integer(0, 0) > 0) {
    SG_TRY(const std::string rows, all_rows());
    SG_RETURN_IF_ERROR(FindAnew(connection, tables, rows));
  }
  return connection.Execute("DROP TABLE new_reading; DROP TABLE late_key");
}

}  // namespace stargaze::warehouse
