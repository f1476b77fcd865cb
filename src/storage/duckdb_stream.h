// The rows of one statement, a chunk at a time: for results larger than memory.

#pragma once

#include <memory>

#include "base/result.h"
#include "storage/duckdb.h"

namespace stargaze::storage {

// One thread at a time; the connection outlives it and does nothing else meanwhile.
class DuckDbStream {
 public:
  ~DuckDbStream();
  DuckDbStream(const DuckDbStream&) = delete;
  DuckDbStream& operator=(const DuckDbStream&) = delete;

  // The next rows, at most a few thousand; none: that was all. The columns are in every answer.
  Result<SqlRows> Next();

 private:
  friend class DuckDbConnection;
  struct Impl;
  explicit DuckDbStream(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::storage
