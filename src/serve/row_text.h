// Rows as CSV, NDJSON or one JSON list, piece by piece.

#pragma once

#include <string>

#include "storage/duckdb.h"

namespace stargaze::serve {

enum class RowForm { kCsv, kNdjson, kJson };

class RowText {
 public:
  explicit RowText(RowForm form) : form_(form) {}

  std::string_view media_type() const;
  // With what stands before the first row at the first call.
  void Append(const storage::SqlRows& rows, std::string& text);
  // What stands after the last row.
  void End(std::string& text);

 private:
  RowForm form_;
  bool begun_ = false;
  bool has_rows_ = false;
};

}  // namespace stargaze::serve
