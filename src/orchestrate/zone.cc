#include "orchestrate/zone.h"

#include <date/tz.h>
#include <fmt/core.h>

#include <algorithm>
#include <exception>
#include <vector>

#include "base/suggest.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::seconds;

// The library's ends of time would overflow our microseconds.
constexpr Instant kFirst = std::chrono::sys_days(std::chrono::year(1) / 1 / 1);
constexpr Instant kLast = std::chrono::sys_days(std::chrono::year(9999) / 12 / 31);

date::sys_seconds SecondsOf(Instant instant) {
  return std::chrono::floor<seconds>(std::clamp(instant, kFirst, kLast));
}

Instant Clamped(date::sys_seconds time) {
  const auto count = std::clamp(time.time_since_epoch(),
                                std::chrono::floor<seconds>(kFirst.time_since_epoch()),
                                std::chrono::floor<seconds>(kLast.time_since_epoch()));
  return Instant(count);
}

std::vector<std::string> ZoneNames() {
  std::vector<std::string> names;
  for (const date::time_zone& zone : date::get_tzdb().zones) names.push_back(zone.name());
  return names;
}

}  // namespace

Result<Zone> Zone::Find(const std::string& name) {
  if (name == "UTC") return Zone();
  try {
    const std::vector<std::string> names = ZoneNames();
    if (std::find(names.begin(), names.end(), name) != names.end())
      return Zone(date::locate_zone(name));
    return Error(
        ErrorKind::kInvalidInput,
        fmt::format("unknown time zone '{}'{}", name.substr(0, 80), DidYouMean(name, names)));
  } catch (const std::exception& exception) {
    return Error(ErrorKind::kUnavailable,
                 fmt::format("cannot read the time zones: zone={} reason={}",
                             name.substr(0, 80),
                             exception.what()))
        .Remedy("install tzdata");
  }
}

ZoneSpan Zone::SpanAt(Instant instant) const {
  if (zone_ == nullptr) return {.begin = kFirst, .end = kLast};
  const date::sys_info info = zone_->get_info(SecondsOf(instant));
  return {.begin = Clamped(info.begin), .end = Clamped(info.end), .offset = info.offset};
}

LocalTime Zone::LocalAt(Instant instant) const {
  const auto utc = std::chrono::floor<seconds>(instant);
  return LocalTime(utc.time_since_epoch() + SpanAt(instant).offset);
}

Instant Zone::FirstInstantOf(LocalTime local) const {
  if (zone_ == nullptr) return Instant(local.time_since_epoch());
  const date::local_info info = zone_->get_info(date::local_seconds(local.time_since_epoch()));
  if (info.result == date::local_info::nonexistent) return info.first.end;
  return Instant(local.time_since_epoch() - info.first.offset);
}

LocalTime Zone::LatestLocalUpTo(Instant instant) const {
  const LocalTime now = LocalAt(instant);
  const ZoneSpan span = SpanAt(instant);
  if (span.begin <= kFirst) return now;
  return std::max(now, LocalAt(span.begin - seconds(1)));
}

}  // namespace stargaze::orchestrate
