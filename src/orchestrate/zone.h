// Wall clocks of the world: which instant a local time is, daylight saving time included.

#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"

namespace date {
class time_zone;
}  // namespace date

namespace stargaze::orchestrate {

// What a wall clock shows.
using LocalTime = std::chrono::local_time<std::chrono::seconds>;

// The time during which a zone keeps one offset: [begin, end).
struct ZoneSpan {
  Instant begin{};
  Instant end{};
  std::chrono::seconds offset{};
};

// A small value; safe for concurrent use. Transitions come from the system's tzdata, whose tables
// end in 2037: afterwards the last offset stays.
class Zone {
 public:
  Zone() = default;  // UTC, which needs no tzdata.

  // By IANA name. kInvalidInput for a name that is none, with the nearest that is; kUnavailable
  // without tzdata.
  static Result<Zone> Find(const std::string& name);

  LocalTime LocalAt(Instant instant) const;
  ZoneSpan SpanAt(Instant instant) const;
  // When a clock first shows `local`; where clocks skip it, the first instant after the gap.
  Instant FirstInstantOf(LocalTime local) const;
  // The largest local time that clocks have shown up to `instant`: after they were set back, that
  // is more than LocalAt.
  LocalTime LatestLocalUpTo(Instant instant) const;

 private:
  explicit Zone(const date::time_zone* zone) : zone_(zone) {}

  const date::time_zone* zone_ = nullptr;  // Owned by the library, for ever. nullptr: UTC.
};

}  // namespace stargaze::orchestrate
