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
  std::string metric = "stars";          // stars, forks
  int window_days = 7;                   // 1, 7, 28, 90
  std::vector<std::string> licenses{};   // Keys, or "class:weak" (license_class.h). Empty: all.
  std::vector<std::string> languages{};  // "none": without one. Empty: all.
  std::vector<std::string> topics{};     // Any of them. Empty: all.
  std::optional<int64_t> age_days_max{};
  std::optional<int64_t> value_min{};  // Of the metric.
  std::optional<int64_t> value_max{};
  bool hide_archived = false;
  bool hide_forks = false;
  int64_t top_rows = 10;  // 10, 25, 50, 100
  std::string text{};     // Part of the full name.
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
