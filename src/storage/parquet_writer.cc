#include "storage/parquet_writer.h"

#include <fmt/core.h>

#include <memory>

namespace stargaze::storage {
namespace {

std::string CreateTable(std::span<const ParquetColumn> columns) {
  std::string sql;
  for (const ParquetColumn& column : columns) {
    sql +=
        fmt::format("{}{} {}", sql.empty() ? "" : ", ", QuoteIdentifier(column.name), column.type);
  }
  return "CREATE TEMP TABLE journal (" + sql + ")";
}

}  // namespace

std::string ParquetCopyOptions() {
  return " (FORMAT parquet, COMPRESSION zstd, PARQUET_VERSION V1, ROW_GROUP_SIZE 122880)";
}

Status WriteParquet(DuckDb& engine,
                    const std::string& path,
                    std::span<const ParquetColumn> columns,
                    std::span<const std::vector<SqlValue>> rows) {
  SG_TRY(const std::unique_ptr<DuckDbConnection> connection, engine.Connect());
  SG_RETURN_IF_ERROR(connection->Execute(CreateTable(columns)));
  SG_RETURN_IF_ERROR(connection->Append("journal", rows));
  return connection->Execute("COPY journal TO " + QuoteLiteral(path) + ParquetCopyOptions());
}

}  // namespace stargaze::storage
