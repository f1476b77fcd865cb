// A statement and its parameters, built together: nothing of a request becomes SQL text.

#pragma once

#include <string>
#include <utility>
#include <vector>

#include "storage/duckdb.h"

namespace stargaze::serve {

class Statement {
 public:
  // Gives the place that stands for the value: "$3".
  std::string Bind(storage::SqlValue value);
  std::string sql{};

  const std::vector<storage::SqlValue>& parameters() const { return parameters_; }
  // With the values written into it as literals: for people to read and to run, never run by us.
  std::string Shown() const;

 private:
  std::vector<storage::SqlValue> parameters_{};
};

}  // namespace stargaze::serve
