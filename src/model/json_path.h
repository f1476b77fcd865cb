// The small part of JSONPath that declarations use: $.a.b, $[*], $.items[*], $.days[3].

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stargaze::model {

struct PathStep {
  enum class Kind { kKey, kIndex, kEach };
  Kind kind = Kind::kKey;
  std::string key{};  // kKey
  int index = 0;      // kIndex

  friend bool operator==(const PathStep&, const PathStep&) = default;
};

struct JsonPath {
  std::vector<PathStep> steps{};  // Empty: the document itself.

  // "$.license.key", the form that ParseJsonPath reads.
  std::string ToString() const;
  friend bool operator==(const JsonPath&, const JsonPath&) = default;
};

// kInvalidInput with the offending place for anything outside the subset.
Result<JsonPath> ParseJsonPath(std::string_view text);

}  // namespace stargaze::model
