#include "sandbox/source_days.h"

#include <date/tz.h>
#include <fmt/core.h>

#include <algorithm>
#include <stdexcept>

namespace stargaze::sandbox {
namespace {

// Before and after these dates the offset is that of the nearest one.
constexpr int32_t kFirstDate = 12'784;  // 2005-01-01
constexpr int32_t kDates = 20'454;      // To 2060-12-31

int32_t FloorDays(Instant instant) {
  return static_cast<int32_t>(DayOf(instant).time_since_epoch().count());
}

std::vector<int16_t> PacificOffsets() {
  const date::time_zone* zone = date::locate_zone("America/Los_Angeles");
  std::vector<int16_t> offsets;
  offsets.reserve(kDates);
  for (int32_t i = 0; i < kDates; ++i) {
    const date::local_days midnight{date::days(kFirstDate + i)};
    const auto begin = zone->to_sys(date::local_seconds(midnight), date::choose::earliest);
    const auto behind = begin.time_since_epoch() - midnight.time_since_epoch();
    offsets.push_back(static_cast<int16_t>(date::floor<std::chrono::minutes>(behind).count()));
  }
  return offsets;
}

}  // namespace

std::string_view DayBoundaryName(DayBoundary boundary) {
  return boundary == DayBoundary::kUtc ? "utc" : "pacific";
}

Result<SourceDays> SourceDays::Create(DayBoundary boundary) {
  if (boundary == DayBoundary::kUtc) return SourceDays({});
  try {
    return SourceDays(PacificOffsets());
  } catch (const std::exception& error) {  // The library throws when it finds no zones.
    return Error(ErrorKind::kUnsupported,
                 fmt::format("no days of America/Los_Angeles: {}", error.what()))
        .Remedy("install the time zone database (package tzdata), or use days=utc");
  }
}

Instant SourceDays::Begin(int32_t date) const {
  const Instant midnight{Day(std::chrono::days(date))};
  if (behind_minutes_.empty()) return midnight;
  const int32_t index = std::clamp(date - kFirstDate, 0, kDates - 1);
  return midnight + std::chrono::minutes(behind_minutes_[static_cast<std::size_t>(index)]);
}

int32_t SourceDays::DateAt(Instant instant) const {
  const int32_t date = FloorDays(instant);
  return instant < Begin(date) ? date - 1 : date;  // No zone here is ahead of UTC.
}

int WeekdayOf(int32_t date) {
  constexpr int kThursday = 4;  // 1970-01-01
  return ((date + kThursday) % 7 + 7) % 7;
}

}  // namespace stargaze::sandbox
