// Points in time and calendar days. Everything in storage is UTC with microseconds.

#pragma once

#include <chrono>
#include <compare>
#include <optional>
#include <string>
#include <string_view>

namespace stargaze {

using Instant = std::chrono::sys_time<std::chrono::microseconds>;
using Day = std::chrono::sys_days;  // A UTC date.

inline Day DayOf(Instant instant) {
  return std::chrono::floor<std::chrono::days>(instant);
}

std::string FormatInstant(Instant instant);         // "2026-09-01T11:50:00.123456Z"
std::string FormatInstantSeconds(Instant instant);  // "2026-09-01T11:50:00Z", fraction cut
std::string FormatCompact(Instant instant);         // "20260901T115000Z": run ids and file names
std::string FormatDay(Day day);                     // "2026-09-01"
std::string FormatDayPath(Day day);                 // "2026/09/01": object keys
std::string FormatHttpDate(Instant instant);        // "Tue, 01 Sep 2026 11:50:00 GMT" (RFC 9110)

// Each gives nullopt for anything that is not wholly the expected form.
std::optional<Instant> ParseInstant(std::string_view text);  // RFC 3339 with Z, 0-6 fraction digits
std::optional<Instant> ParseCompact(std::string_view text);
std::optional<Day> ParseDay(std::string_view text);
std::optional<Instant> ParseHttpDate(std::string_view text);  // IMF-fixdate only

}  // namespace stargaze
