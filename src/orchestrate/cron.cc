#include "orchestrate/cron.h"

#include <chrono>

namespace stargaze::orchestrate {
namespace {

using std::chrono::days;
using std::chrono::local_days;
using std::chrono::minutes;
using std::chrono::year_month_day;

constexpr int kMinutesPerDay = 24 * 60;
// A leap day falls on a given weekday every 28 years, and 40 around 2100.
constexpr days kHorizon{41 * 366};

bool HasBit(uint64_t bits, unsigned value) {
  return ((bits >> value) & 1U) != 0;
}

unsigned LastDayOf(const year_month_day& date) {
  return static_cast<unsigned>((date.year() / date.month() / std::chrono::last).day());
}

}  // namespace

bool CronSchedule::IsDueOn(local_days day) const {
  const year_month_day date(day);
  if (!HasBit(fields_.months, static_cast<unsigned>(date.month()))) return false;
  const auto of_month = static_cast<unsigned>(date.day());
  const unsigned of_week = std::chrono::weekday(day).c_encoding();
  const unsigned last = LastDayOf(date);
  const bool fits_day = HasBit(fields_.days, of_month) || (fields_.is_last_day && of_month == last);
  const bool fits_weekday = HasBit(fields_.weekdays, of_week) ||
                            HasBit(fields_.nth_weekdays, (of_month - 1) / 7 * 7 + of_week) ||
                            (HasBit(fields_.last_weekdays, of_week) && of_month + 7 > last);
  return fields_.is_day_restricted && fields_.is_weekday_restricted ? fits_day || fits_weekday
                                                                    : fits_day && fits_weekday;
}

std::optional<LocalTime> CronSchedule::NextLocal(LocalTime after) const {
  const auto first = std::chrono::floor<days>(after);
  for (local_days day = first; day <= first + kHorizon; day += days(1)) {
    if (!IsDueOn(day)) continue;
    const auto passed = std::chrono::floor<minutes>(after - day).count();
    for (int minute = day == first ? static_cast<int>(passed) + 1 : 0; minute < kMinutesPerDay;
         ++minute) {
      if (!HasBit(fields_.hours, static_cast<unsigned>(minute / 60))) {
        minute += 59 - minute % 60;
      } else if (HasBit(fields_.minutes, static_cast<unsigned>(minute % 60))) {
        return day + minutes(minute);
      }
    }
  }
  return std::nullopt;
}

std::optional<LocalTime> CronSchedule::PreviousLocal(LocalTime at_or_before) const {
  const auto last = std::chrono::floor<days>(at_or_before);
  for (local_days day = last; day >= last - kHorizon; day -= days(1)) {
    if (!IsDueOn(day)) continue;
    const auto passed = std::chrono::floor<minutes>(at_or_before - day).count();
    for (int minute = day == last ? static_cast<int>(passed) : kMinutesPerDay - 1; minute >= 0;
         --minute) {
      if (!HasBit(fields_.hours, static_cast<unsigned>(minute / 60))) {
        minute -= minute % 60;
      } else if (HasBit(fields_.minutes, static_cast<unsigned>(minute % 60))) {
        return day + minutes(minute);
      }
    }
  }
  return std::nullopt;
}

std::optional<Instant> CronSchedule::NextAfter(Instant instant, const Zone& zone) const {
  std::optional<LocalTime> local = NextLocal(zone.LocalAt(instant));
  if (!fields_.IsEveryHour()) {
    // After clocks were set back, what they show again has been due the first time.
    while (local && zone.FirstInstantOf(*local) <= instant) local = NextLocal(*local);
    return local ? std::optional(zone.FirstInstantOf(*local)) : std::nullopt;
  }
  ZoneSpan span = zone.SpanAt(instant);
  while (local) {
    const Instant due(local->time_since_epoch() - span.offset);
    if (due < span.end) return due;
    const Instant begin = span.end;
    span = zone.SpanAt(begin);
    if (span.end <= begin) break;
    local = NextLocal(zone.LocalAt(begin) - std::chrono::seconds(1));
  }
  return std::nullopt;
}

std::optional<Instant> CronSchedule::PreviousAtOrBefore(Instant instant, const Zone& zone) const {
  if (!fields_.IsEveryHour()) {
    std::optional<LocalTime> local = PreviousLocal(zone.LatestLocalUpTo(instant));
    while (local && zone.FirstInstantOf(*local) > instant)
      local = PreviousLocal(*local - std::chrono::seconds(1));
    return local ? std::optional(zone.FirstInstantOf(*local)) : std::nullopt;
  }
  ZoneSpan span = zone.SpanAt(instant);
  std::optional<LocalTime> local = PreviousLocal(zone.LocalAt(instant));
  while (local) {
    const Instant due(local->time_since_epoch() - span.offset);
    if (due >= span.begin) return due;
    const Instant end = span.begin - std::chrono::seconds(1);
    span = zone.SpanAt(end);
    if (span.begin > end) break;
    local = PreviousLocal(zone.LocalAt(end));
  }
  return std::nullopt;
}

bool CronSchedule::EverFires() const {
  return NextLocal(LocalTime(local_days(std::chrono::year(2000) / 1 / 1))).has_value();
}

}  // namespace stargaze::orchestrate
