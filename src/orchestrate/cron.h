// Five-field cron, UTC: minute, hour, day of month, month, day of week.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"

namespace stargaze::orchestrate {

// When something is due. A field that does not begin with * is restricted; when both day fields
// are, a day that fits either is due, as in Vixie cron.
class CronSchedule {
 public:
  // The first due minute after `instant`; nullopt when none comes within 8 years.
  std::optional<Instant> NextAfter(Instant instant) const;
  // The last due minute that is not after `instant`; nullopt when none was within 8 years.
  std::optional<Instant> PreviousAtOrBefore(Instant instant) const;

  friend bool operator==(const CronSchedule&, const CronSchedule&) = default;

 private:
  friend Result<CronSchedule> ParseCron(std::string_view text);

  bool IsDueOn(Day day) const;

  // One bit per value.
  uint64_t minutes_ = 0;
  uint64_t hours_ = 0;
  uint64_t days_ = 0;
  uint64_t months_ = 0;
  uint64_t weekdays_ = 0;  // 0: Sunday.
  bool is_day_restricted_ = false;
  bool is_weekday_restricted_ = false;
};

// Lists, ranges, steps (*/5, 1-10/3), names of months and weekdays (jan, MON), Sunday as 0 or 7.
// kInvalidInput names the field and what is wrong with it.
Result<CronSchedule> ParseCron(std::string_view text);

}  // namespace stargaze::orchestrate
