// RAII over SQLite (SQLiteCpp): the only door to it.

#pragma once

#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "storage/duckdb.h"

namespace stargaze::storage {

// What a commit survives: the end of the process (WAL, synchronous=NORMAL: power loss may undo the
// last commits, never parts of one), or also the loss of power (FULL: one fsync per commit).
enum class Durability : unsigned char { kProcessKill, kPowerLoss };

// One connection to one file, in WAL mode: readers do not wait for the writer. Not safe for
// concurrent use. Instants are kept as integers, microseconds since the epoch; a bool as 0 or 1.
class Sqlite {
 public:
  static Result<std::unique_ptr<Sqlite>> Open(const std::string& path,
                                              Durability durability = Durability::kProcessKill);
  // For reading beside whoever writes; the file must exist.
  static Result<std::unique_ptr<Sqlite>> OpenReadOnly(const std::string& path);
  ~Sqlite();
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  // One or several statements without parameters.
  Status Execute(std::string_view sql);
  // One statement with positional parameters (?1 …); gives its rows. Integers come back as int64_t,
  // texts as std::string.
  Result<SqlRows> Query(std::string_view sql, std::span<const SqlValue> parameters = {});

  // One statement whose rows, if any, are not wanted. Prepared once, as by Query.
  Status Run(std::string_view sql, std::span<const SqlValue> parameters = {});
  // As Query, but hands over each row as it is read. `row` is used again for the next.
  Status ForEach(std::string_view sql,
                 std::span<const SqlValue> parameters,
                 const std::function<void(const std::vector<SqlValue>& row)>& take);

  // Runs `body` between BEGIN IMMEDIATE and COMMIT; rolls back when it fails.
  template <typename Body>
  Status Transaction(Body&& body) {
    SG_RETURN_IF_ERROR(Execute("BEGIN IMMEDIATE"));
    Status done = body();
    if (!done.ok()) {
      (void)Execute("ROLLBACK");
      return done;
    }
    done = Execute("COMMIT");
    if (!done.ok()) (void)Execute("ROLLBACK");  // It may still be open, or gone: both are well.
    return done;
  }

 private:
  struct Impl;
  explicit Sqlite(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::storage
