#include "storage/sqlite.h"

#include <SQLiteCpp/SQLiteCpp.h>
#include <fmt/core.h>
#include <sqlite3.h>

#include <map>
#include <type_traits>

namespace stargaze::storage {
namespace {

// Nobody else writes a data folder that is held; a reader's checkpoint takes far less.
constexpr int kBusyMs = 5000;

Error ToError(const SQLite::Exception& error, std::string_view sql) {
  ErrorKind kind = ErrorKind::kInternal;
  if (error.getErrorCode() == SQLITE_FULL) kind = ErrorKind::kExhausted;
  if (error.getErrorCode() == SQLITE_BUSY || error.getErrorCode() == SQLITE_LOCKED)
    kind = ErrorKind::kConflict;
  if (error.getErrorCode() == SQLITE_CORRUPT || error.getErrorCode() == SQLITE_NOTADB)
    kind = ErrorKind::kCorrupt;
  return {kind, fmt::format("SQLite: {} in: {}", error.what(), sql.substr(0, 200))};
}

void Bind(SQLite::Statement& statement, int index, const SqlValue& value) {
  std::visit(
      [&](const auto& v) {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          statement.bind(index);
        } else if constexpr (std::is_same_v<T, bool>) {
          statement.bind(index, v ? 1 : 0);
        } else if constexpr (std::is_same_v<T, Instant> || std::is_same_v<T, Day>) {
          statement.bind(index, static_cast<int64_t>(v.time_since_epoch().count()));
        } else {
          statement.bind(index, v);
        }
      },
      value);
}

SqlValue CellOf(const SQLite::Column& column) {
  if (column.isNull()) return std::monostate{};
  if (column.isInteger()) return int64_t{column.getInt64()};
  if (column.isFloat()) return column.getDouble();
  return column.getString();
}

}  // namespace

struct Sqlite::Impl {
  Impl(const std::string& path, int flags) : database(path, flags, kBusyMs) {}

  SQLite::Database database;
  std::map<std::string, SQLite::Statement, std::less<>>
      statements;  // Prepared once, by their text.

  SQLite::Statement& Prepared(std::string_view sql) {
    const auto found = statements.find(sql);
    if (found != statements.end()) {
      (void)found->second.tryReset();  // Repeats why it failed the last time, if it did.
      found->second.clearBindings();
      return found->second;
    }
    const std::string text(sql);
    return statements.emplace(text, SQLite::Statement(database, text)).first->second;
  }
};

Sqlite::Sqlite(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Sqlite::~Sqlite() = default;

Result<std::unique_ptr<Sqlite>> Sqlite::Open(const std::string& path, Durability durability) {
  try {
    std::unique_ptr<Sqlite> opened(
        new Sqlite(std::make_unique<Impl>(path, SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)));
    SG_RETURN_IF_ERROR(opened->Execute(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA foreign_keys = ON"));
    if (durability == Durability::kPowerLoss)
      SG_RETURN_IF_ERROR(opened->Execute("PRAGMA synchronous = FULL"));
    return opened;
  } catch (const SQLite::Exception& error) {
    return ToError(error, "open " + path);
  }
}

Result<std::unique_ptr<Sqlite>> Sqlite::OpenReadOnly(const std::string& path) {
  try {
    return std::unique_ptr<Sqlite>(new Sqlite(std::make_unique<Impl>(path, SQLite::OPEN_READONLY)));
  } catch (const SQLite::Exception& error) {
    return ToError(error, "open " + path);
  }
}

Status Sqlite::Execute(std::string_view sql) {
  try {
    impl_->database.exec(std::string(sql));
    return Ok();
  } catch (const SQLite::Exception& error) {
    return ToError(error, sql);
  }
}

Status Sqlite::Run(std::string_view sql, std::span<const SqlValue> parameters) {
  return ForEach(sql, parameters, {});
}

Status Sqlite::ForEach(std::string_view sql,
                       std::span<const SqlValue> parameters,
                       const std::function<void(const std::vector<SqlValue>& row)>& take) {
  try {
    SQLite::Statement& statement = impl_->Prepared(sql);
    for (std::size_t i = 0; i < parameters.size(); ++i)
      Bind(statement, static_cast<int>(i + 1), parameters[i]);
    std::vector<SqlValue> row(static_cast<std::size_t>(statement.getColumnCount()));
    while (statement.executeStep()) {
      if (!take) continue;
      for (std::size_t i = 0; i < row.size(); ++i)
        row[i] = CellOf(statement.getColumn(static_cast<int>(i)));
      take(row);
    }
    statement.reset();
    return Ok();
  } catch (const SQLite::Exception& error) {
    return ToError(error, sql);
  }
}

Result<SqlRows> Sqlite::Query(std::string_view sql, std::span<const SqlValue> parameters) {
  try {
    SQLite::Statement& statement = impl_->Prepared(sql);
    for (std::size_t i = 0; i < parameters.size(); ++i)
      Bind(statement, static_cast<int>(i + 1), parameters[i]);
    SqlRows rows;
    for (int i = 0; i < statement.getColumnCount(); ++i)
      rows.columns.push_back({.name = statement.getColumnName(i)});
    while (statement.executeStep()) {
      std::vector<SqlValue>& row = rows.rows.emplace_back();
      for (int i = 0; i < statement.getColumnCount(); ++i)
        row.push_back(CellOf(statement.getColumn(i)));
    }
    statement.reset();
    return rows;
  } catch (const SQLite::Exception& error) {
    return ToError(error, sql);
  }
}

}  // namespace stargaze::storage
