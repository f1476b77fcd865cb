#include "warehouse/schema.h"

#include <fmt/core.h>

#include <set>
#include <string>
#include <utility>

#include "warehouse/table_sql.h"

namespace stargaze::warehouse {
namespace {

using storage::DuckDbConnection;
using storage::SqlRows;
using storage::SqlValue;

constexpr std::string_view kMigrations = "src/warehouse/migrations/";

Status Migrate(DuckDbConnection& connection, std::span<const EmbeddedFile> files) {
  SG_RETURN_IF_ERROR(
      connection.Execute("CREATE TABLE IF NOT EXISTS schema_migration (name VARCHAR)"));
  SG_TRY(const SqlRows done, connection.Query("SELECT name FROM schema_migration"));
  std::set<std::string> applied;
  for (std::size_t row = 0; row < done.size(); ++row) applied.insert(done.Text(row, 0));
  for (const EmbeddedFile& file : files) {
    if (!file.path.starts_with(kMigrations)) continue;
    const std::string name(file.path.substr(kMigrations.size()));
    if (applied.contains(name)) continue;
    SG_RETURN_IF_ERROR(connection.Transaction([&]() -> Status {
      SG_RETURN_IF_ERROR(connection.Execute(file.bytes));
      const std::vector<SqlValue> parameters{name};
      SG_TRY([[maybe_unused]] const SqlRows none,
             connection.Query("INSERT INTO schema_migration VALUES ($1)", parameters));
      return Ok();
    }));
  }
  return Ok();
}

using ColumnSet = std::set<std::pair<std::string, std::string>>;  // Table, column.

Result<ColumnSet> PresentColumns(DuckDbConnection& connection) {
  SG_TRY(const SqlRows rows,
         connection.Query("SELECT table_name, column_name FROM duckdb_columns() "
                          "WHERE database_name = current_database() AND NOT internal"));
  ColumnSet present;
  for (std::size_t row = 0; row < rows.size(); ++row)
    present.emplace(rows.Text(row, 0), rows.Text(row, 1));
  return present;
}

}  // namespace

Status BringUpToDate(DuckDbConnection& connection,
                     std::span<const EmbeddedFile> files,
                     const model::Catalog& catalog) {
  SG_RETURN_IF_ERROR(Migrate(connection, files));
  for (const model::SharedTable& shared : catalog.tables)
    SG_RETURN_IF_ERROR(connection.Execute(CreateTableSql(shared.table)));
  SG_TRY(const ColumnSet present, PresentColumns(connection));
  for (const model::SharedTable& shared : catalog.tables) {
    const std::string& name = shared.table.name;
    for (const StoredColumn& column : StoredColumns(shared.table)) {
      if (present.contains({name, column.name})) continue;
      SG_RETURN_IF_ERROR(connection.Execute(fmt::format("ALTER TABLE {} ADD COLUMN {} {}",
                                                        storage::QuoteIdentifier(name),
                                                        storage::QuoteIdentifier(column.name),
                                                        column.type)));
    }
  }
  return Ok();
}

}  // namespace stargaze::warehouse
