// RAII over DuckDB's C API: the only door to it. Shows no C type.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/instant.h"
#include "base/result.h"

namespace stargaze::storage {

// A parameter or a cell. monostate is SQL NULL. Lists, structs and decimals have no form here: cast
// them in the query.
using SqlValue = std::variant<std::monostate, bool, int64_t, double, std::string, Instant, Day>;

struct SqlColumn {
  std::string name{};
};

// A whole result in memory, row-major. For what people look at, not for bulk data.
class SqlRows {
 public:
  std::vector<SqlColumn> columns{};
  std::vector<std::vector<SqlValue>> rows{};

  bool empty() const { return rows.empty(); }
  std::size_t size() const { return rows.size(); }
  // The cell must exist and be of that type (or NULL → the type's zero); asked wrongly is a bug.
  int64_t Integer(std::size_t row, std::size_t column) const;
  const std::string& Text(std::size_t row, std::size_t column) const;
};

struct DuckDbOptions {
  std::string path{};  // Empty: in memory.
  int threads = 2;
  int64_t memory_limit_bytes = int64_t{2} << 30;
  std::string temp_directory{};  // For spilling; empty: none.
};

class DuckDbConnection;
class DuckDbStream;

// One database per file and process (DuckDB does not notice a second one: corruption).
// Safe for concurrent use; connections are not.
class DuckDb {
 public:
  static Result<std::unique_ptr<DuckDb>> Open(const DuckDbOptions& options);
  ~DuckDb();
  DuckDb(const DuckDb&) = delete;
  DuckDb& operator=(const DuckDb&) = delete;

  Result<std::unique_ptr<DuckDbConnection>> Connect();

  // Opens the library for this process, as Open does: for a process that may open no file later.
  static Status LoadLibrary();
  static Result<std::string> LibraryVersion();  // "v1.5.6"

 private:
  struct Impl;
  explicit DuckDb(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// One thread at a time.
class DuckDbConnection {
 public:
  ~DuckDbConnection();
  DuckDbConnection(const DuckDbConnection&) = delete;
  DuckDbConnection& operator=(const DuckDbConnection&) = delete;

  // One or several statements without parameters, results thrown away.
  Status Execute(std::string_view sql);
  // One statement with positional parameters ($1 …); gives its rows.
  Result<SqlRows> Query(std::string_view sql, std::span<const SqlValue> parameters = {});

  // One statement without parameters, whose rows are fetched as they are made (duckdb_stream.h).
  Result<std::unique_ptr<DuckDbStream>> Stream(std::string_view sql);

  // Ends the statement that runs, with kCancelled. From any thread.
  void Interrupt();

  // Appends to an existing table by DuckDB's appender; the values must be of the columns' types or
  // NULL.
  Status Append(const std::string& table, std::span<const std::vector<SqlValue>> rows);

  // Runs `body` between BEGIN and COMMIT; rolls back when it fails.
  template <typename Body>
  Status Transaction(Body&& body) {
    SG_RETURN_IF_ERROR(Execute("BEGIN TRANSACTION"));
    Status done = body();
    if (!done.ok()) {
      (void)Execute("ROLLBACK");
      return done;
    }
    return Execute("COMMIT");
  }

 private:
  friend class DuckDb;
  struct Impl;
  explicit DuckDbConnection(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// 'it''s' and "a""b": for generated statements, where a parameter cannot stand.
std::string QuoteLiteral(std::string_view text);
std::string QuoteIdentifier(std::string_view name);

}  // namespace stargaze::storage
