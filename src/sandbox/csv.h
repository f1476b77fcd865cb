// Comma-separated values as RFC 4180 has them: quotes, doubled quotes, line breaks inside quotes.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stargaze::sandbox {

// Reads records one after another from a text that outlives it.
class CsvReader {
 public:
  explicit CsvReader(std::string_view text) : rest_(text) {}

  // Fills `fields` with the next record's; false at the end. kCorrupt for a quote that never closes
  // and for more than 1,000 fields, after which reading cannot go on.
  Result<bool> Next(std::vector<std::string>& fields);

 private:
  Result<bool> ReadField(std::string& field);  // True when the record goes on after it.
  Status ReadQuoted(std::string& field);

  std::string_view rest_;
};

}  // namespace stargaze::sandbox
