// Cron in a time zone: minute, hour, day of month, month, day of week.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "orchestrate/zone.h"

namespace stargaze::orchestrate {

// What the text says; one bit per value.
struct CronFields {
  uint64_t minutes = 0;
  uint64_t hours = 0;
  uint64_t days = 0;
  uint64_t months = 0;
  uint64_t weekdays = 0;       // 0: Sunday.
  uint64_t nth_weekdays = 0;   // Bit 7 * (n - 1) + weekday.
  uint64_t last_weekdays = 0;  // The last Friday of the month, …
  bool is_last_day = false;    // Of the month.
  bool is_day_restricted = false;
  bool is_weekday_restricted = false;

  bool IsEveryHour() const { return hours == (uint64_t{1} << 24U) - 1; }
};

// When something is due. A field that does not begin with * or ? is restricted; when both day
// fields are, a day that fits either is due, as in Vixie cron. Where clocks are set forward, what
// would be due in the gap is due at its end; where they are set back, once, the first time. But a
// schedule that is due in every hour follows the hours that pass: nothing is put off, and an hour
// that comes twice counts twice. See docs/decisions/0012-cron-and-daylight-saving-time.md.
class CronSchedule {
 public:
  // The first due minute after `instant`; nullopt when none comes within 41 years.
  std::optional<Instant> NextAfter(Instant instant, const Zone& zone = {}) const;
  // The last due minute that is not after `instant`; nullopt when none was within 41 years.
  std::optional<Instant> PreviousAtOrBefore(Instant instant, const Zone& zone = {}) const;

  // False for a day that no calendar has, such as 30 February.
  bool EverFires() const;

  const CronFields& fields() const { return fields_; }

 private:
  friend Result<CronSchedule> ParseCron(std::string_view text);

  explicit CronSchedule(const CronFields& fields) : fields_(fields) {}

  bool IsDueOn(std::chrono::local_days day) const;
  // The due wall-clock minutes around one, as if no clock were ever set.
  std::optional<LocalTime> NextLocal(LocalTime after) const;
  std::optional<LocalTime> PreviousLocal(LocalTime at_or_before) const;

  CronFields fields_;
};

// Five fields of lists, ranges (fri-mon goes over the end), steps (*/5, 1-10/3, 5/15: from 5 on),
// names of months and weekdays (jan, MON), Sunday as 0 or 7, ? for * in the day fields; L for the
// last day of the month, L5 or 5L for the last Friday, MON#1 for the first Monday. Presets: @hourly
// @daily @midnight @weekly @monthly @quarterly @yearly @annually. kInvalidInput names the field and
// what is wrong with it; seconds and years are refused.
Result<CronSchedule> ParseCron(std::string_view text);

}  // namespace stargaze::orchestrate
