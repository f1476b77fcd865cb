// One question to the published tables, answered by a child process that can do nothing else.

#pragma once

#include <chrono>
#include <stop_token>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "storage/duckdb.h"
#include "warehouse/published_reader.h"

namespace stargaze::app {

struct SqlLimits {
  std::chrono::seconds time{30};
  int64_t memory_mb = 512;
  int64_t rows = 10'000;
};

struct SqlAnswer {
  storage::SqlRows rows{};
  bool truncated = false;  // There were more rows than the limit.
};

// Starts this program again with kSqlChild, hands it the question and reads the answer. Errors:
// kInvalidInput (no SELECT, or wrong SQL), kUnauthorized (another file, network, settings),
// kOutOfMemory, kExhausted (the answer), kTimeout, kCancelled, kNotFound (nothing published). Safe
// to call from several threads.
Result<SqlAnswer> AskInChild(const warehouse::Publication& publication,
                             const std::string& sql,
                             const SqlLimits& limits,
                             Clock& clock,
                             const std::stop_token& stop);

// The child's only argument, and its main: reads the question from `in`, answers to `out`.
inline constexpr const char* kSqlChild = "--answer-sql-from-stdin";
int RunSqlChild(std::istream& in, std::ostream& out);

}  // namespace stargaze::app
