// MERGE of 100,000 rows into 1,000,000 with the declared columns of `repository`, half of them new
// versions, half new keys, by the statement that the warehouse runs. Beside it: the same engine
// copying the source file into a table.
//
//   bench_merge SCRATCH        prints the seconds of the merge and of the copy

#include <fmt/core.h>

#include <chrono>
#include <iostream>
#include <string>

#include "base/embedded_files.h"
#include "config/catalog.h"
#include "storage/duckdb.h"
#include "storage/parquet_writer.h"
#include "warehouse/table_sql.h"

namespace stargaze {
namespace {

using storage::DuckDbConnection;

std::string ValueOf(const warehouse::StoredColumn& column, const std::string& observed_at) {
  if (column.name == "repository_id") return "id";
  if (column.name == "observed_at") return observed_at;
  if (column.name == "provenance") return "'measured'";
  if (column.name == "ordinal") return "id % 100";
  if (column.type == "BIGINT") return "(hash(id) % 100000)::BIGINT";
  if (column.type == "BOOLEAN") return "id % 9 = 0";
  if (column.type == "TIMESTAMP") return "TIMESTAMP '2020-01-01' + INTERVAL (id % 2000) DAY";
  if (column.type == "DOUBLE") return "1.0";
  return fmt::format("'{} of ' || id || repeat(' words', (id % 9)::INTEGER)", column.name);
}

std::string RowsSql(const model::Table& table, const std::string& range, const std::string& at) {
  std::string columns;
  for (const warehouse::StoredColumn& column : warehouse::StoredColumns(table)) {
    columns += fmt::format("{}({})::{} AS {}",
                           columns.empty() ? "" : ", ",
                           ValueOf(column, at),
                           column.type,
                           storage::QuoteIdentifier(column.name));
  }
  return fmt::format("SELECT {} FROM {} AS t(id)", columns, range);
}

Result<double> SecondsOf(DuckDbConnection& connection, const std::string& sql) {
  const auto begin = std::chrono::steady_clock::now();
  SG_RETURN_IF_ERROR(connection.Execute(sql));
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
}

Status Measure(const std::string& scratch) {
  SG_TRY(const model::Catalog catalog, config::LoadCatalog(EmbeddedFiles(), {}));
  const model::Table& table = *catalog.FindTable("repository").second;
  SG_TRY(const std::unique_ptr<storage::DuckDb> database,
         storage::DuckDb::Open({.path = scratch + "/merge.duckdb", .temp_directory = scratch}));
  SG_TRY(const std::unique_ptr<DuckDbConnection> connection, database->Connect());
  SG_RETURN_IF_ERROR(connection->Execute(warehouse::CreateTableSql(table)));
  SG_RETURN_IF_ERROR(
      connection->Execute("INSERT INTO repository " +
                          RowsSql(table, "range(1, 1000001)", "TIMESTAMP '2026-01-01 06:00:00'")));
  const std::string file = scratch + "/source.parquet";
  SG_RETURN_IF_ERROR(connection->Execute(
      fmt::format("COPY ({}) TO '{}'{}",
                  RowsSql(table, "range(950001, 1050001)", "TIMESTAMP '2026-01-02 06:00:00'"),
                  file,
                  storage::ParquetCopyOptions())));
  SG_RETURN_IF_ERROR(connection->Execute("CHECKPOINT"));
  SG_TRY(const double copy,
         SecondsOf(*connection, fmt::format("CREATE TABLE copied AS FROM '{}'", file)));
  const std::vector<std::string> paths{file};
  SG_TRY(const double merge, SecondsOf(*connection, warehouse::MergeSql(table, paths)));
  SG_TRY(const storage::SqlRows rows, connection->Query("SELECT count(*) FROM repository"));
  if (rows.Integer(0, 0) != 1'050'000) return Error(ErrorKind::kInternal, "rows are missing");
  std::cout << merge << " " << copy << "\n";
  return Ok();
}

}  // namespace
}  // namespace stargaze

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: bench_merge SCRATCH\n";
    return 2;
  }
  const stargaze::Status done = stargaze::Measure(argv[1]);
  if (done.ok()) return 0;
  std::cerr << "bench_merge: " << done.error().message() << "\n";
  return 1;
}
