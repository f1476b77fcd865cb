// What a Trends page asks for: the query string as a value.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "net/url.h"

namespace stargaze::serve {

struct Notice {
  std::string code{};  // "unknown_parameter", "invalid_value"
  std::string parameter{};
  std::string detail{};
};

struct TrendsState {
  std::string metric = "stars";         // stars, forks
  int window_days = 7;                  // 1, 7, 28, 90
  std::vector<std::string> licenses{};  // Licence keys; "none": without one. Empty: all.
  std::string text{};                   // Part of the full name.
  std::string sort = "stars";
  bool ascending = false;
  std::string rise = "velocity";  // velocity, accel
  int64_t page = 1;
  std::optional<Day> asof{};
  std::vector<Notice> notices{};  // What was ignored, and why.
};

// Never fails: what is unknown or invalid is ignored and noted.
TrendsState ParseTrendsState(const net::QueryParameters& query);

}  // namespace stargaze::serve
