// The days by which a star history counts: GitHub's own, which are not promised to be UTC.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"

namespace stargaze::sandbox {

enum class DayBoundary : unsigned char {
  kUtc,
  kPacific,  // America/Los_Angeles with its daylight saving time.
};

std::string_view DayBoundaryName(DayBoundary boundary);

// Calendar dates (as days since 1970-01-01) and the instants at which they begin. Immutable.
class SourceDays {
 public:
  // kUnsupported when the machine has no time zone database.
  static Result<SourceDays> Create(DayBoundary boundary);

  // The date that the clock on the wall shows.
  int32_t DateAt(Instant instant) const;
  Instant Begin(int32_t date) const;

 private:
  explicit SourceDays(std::vector<int16_t> behind) : behind_minutes_(std::move(behind)) {}

  // How long after UTC's midnight each date begins, from kFirstDate on; empty: UTC.
  std::vector<int16_t> behind_minutes_;
};

// 0 is a Sunday, the first day of GitHub's weeks.
int WeekdayOf(int32_t date);

}  // namespace stargaze::sandbox
