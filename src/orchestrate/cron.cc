#include "orchestrate/cron.h"

#include <fmt/core.h>

#include <array>
#include <cctype>
#include <charconv>
#include <span>
#include <string>
#include <vector>

namespace stargaze::orchestrate {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;

constexpr int kMinutesPerDay = 24 * 60;
constexpr days kHorizon{8 * 366};  // Between two leap days there are up to 8 years.
constexpr std::size_t kMaxLength = 256;

constexpr std::array<std::string_view, 12> kMonths{
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{
    "sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field {
  std::string_view name{};
  int min = 0;
  int max = 0;
  std::span<const std::string_view> names{};  // The first one means `min`.
};

const std::array<Field, 5> kFields{
    {{.name = "minute", .min = 0, .max = 59},
     {.name = "hour", .min = 0, .max = 23},
     {.name = "day of month", .min = 1, .max = 31},
     {.name = "month", .min = 1, .max = 12, .names = kMonths},
     {.name = "day of week", .min = 0, .max = 7, .names = kWeekdays}}};

bool HasBit(uint64_t bits, unsigned value) {
  return ((bits >> value) & 1U) != 0;
}

Error Malformed(const Field& field, std::string_view part, std::string_view why) {
  return {ErrorKind::kInvalidInput,
          fmt::format("malformed schedule: {} '{}' {}", field.name, part, why)};
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(text[i])) != lower[i]) return false;
  }
  return true;
}

Result<int> ParseValue(const Field& field, std::string_view text) {
  for (std::size_t i = 0; i < field.names.size(); ++i) {
    if (EqualsIgnoringCase(text, field.names[i])) return field.min + static_cast<int>(i);
  }
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped_at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped_at != end) return Malformed(field, text, "is no number");
  if (value < field.min || value > field.max) {
    return Malformed(field, text, fmt::format("is outside {}-{}", field.min, field.max));
  }
  return value;
}

// "*", "5", "1-5", "*/10", "1-30/2"
Result<uint64_t> ParsePart(const Field& field, std::string_view part) {
  const std::size_t slash = part.find('/');
  const std::string_view range = part.substr(0, slash);
  const std::size_t dash = range.find('-');
  int from = field.min;
  int to = field.max;
  if (range != "*") {
    SG_TRY(from, ParseValue(field, range.substr(0, dash)));
    to = from;
    if (dash != std::string_view::npos) {
      SG_TRY(to, ParseValue(field, range.substr(dash + 1)));
    }
    if (to < from) return Malformed(field, part, "is a range that ends before it begins");
  }
  int step = 1;
  if (slash != std::string_view::npos) {
    if (range != "*" && dash == std::string_view::npos)
      return Malformed(field, part, "has a step but is no range");
    const std::string_view text = part.substr(slash + 1);
    const char* end = text.data() + text.size();
    const auto [stopped_at, error] = std::from_chars(text.data(), end, step);
    if (error != std::errc() || stopped_at != end || step < 1 || step > field.max) {
      return Malformed(field, part, "has no usable step");
    }
  }
  uint64_t bits = 0;
  for (int value = from; value <= to; value += step)
    bits |= uint64_t{1} << static_cast<unsigned>(value);
  return bits;
}

Result<uint64_t> ParseField(const Field& field, std::string_view text) {
  uint64_t bits = 0;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    SG_TRY(const uint64_t part, ParsePart(field, text.substr(begin, comma - begin)));
    bits |= part;
    begin = comma + 1;
  }
  return bits;
}

std::vector<std::string_view> Words(std::string_view text) {
  std::vector<std::string_view> words;
  std::size_t at = 0;
  while ((at = text.find_first_not_of(" \t", at)) != std::string_view::npos) {
    const std::size_t end = std::min(text.find_first_of(" \t", at), text.size());
    words.push_back(text.substr(at, end - at));
    at = end;
  }
  return words;
}

}  // namespace

Result<CronSchedule> ParseCron(std::string_view text) {
  const std::vector<std::string_view> words =
      text.size() > kMaxLength ? std::vector<std::string_view>() : Words(text);
  if (words.size() != kFields.size()) {
    return Error(
        ErrorKind::kInvalidInput,
        fmt::format(
            "malformed schedule: expected five fields (minute hour day month weekday), found '{}'",
            text.substr(0, 80)));
  }
  std::array<uint64_t, 5> bits{};
  for (std::size_t i = 0; i < bits.size(); ++i) {
    SG_TRY(bits[i], ParseField(kFields[i], words[i]));
  }
  CronSchedule schedule;
  schedule.minutes_ = bits[0];
  schedule.hours_ = bits[1];
  schedule.days_ = bits[2];
  schedule.months_ = bits[3];
  schedule.weekdays_ = bits[4] | (HasBit(bits[4], 7) ? 1U : 0U);  // 7 is Sunday too.
  schedule.is_day_restricted_ = !words[2].starts_with('*');
  schedule.is_weekday_restricted_ = !words[4].starts_with('*');
  return schedule;
}

bool CronSchedule::IsDueOn(Day day) const {
  const std::chrono::year_month_day date(day);
  if (!HasBit(months_, static_cast<unsigned>(date.month()))) return false;
  const bool fits_day = HasBit(days_, static_cast<unsigned>(date.day()));
  const bool fits_weekday = HasBit(weekdays_, std::chrono::weekday(day).c_encoding());
  return is_day_restricted_ && is_weekday_restricted_ ? fits_day || fits_weekday
                                                      : fits_day && fits_weekday;
}

std::optional<Instant> CronSchedule::NextAfter(Instant instant) const {
  const Day first = DayOf(instant);
  for (Day day = first; day <= first + kHorizon; day += days(1)) {
    if (!IsDueOn(day)) continue;
    const auto passed = std::chrono::floor<minutes>(instant - day).count();
    for (int minute = day == first ? static_cast<int>(passed) + 1 : 0; minute < kMinutesPerDay;
         ++minute) {
      if (HasBit(hours_, static_cast<unsigned>(minute / 60)) &&
          HasBit(minutes_, static_cast<unsigned>(minute % 60))) {
        return Instant(day) + minutes(minute);
      }
    }
  }
  return std::nullopt;
}

std::optional<Instant> CronSchedule::PreviousAtOrBefore(Instant instant) const {
  const Day last = DayOf(instant);
  for (Day day = last; day >= last - kHorizon; day -= days(1)) {
    if (!IsDueOn(day)) continue;
    const auto passed = std::chrono::floor<minutes>(instant - day).count();
    for (int minute = day == last ? static_cast<int>(passed) : kMinutesPerDay - 1; minute >= 0;
         --minute) {
      if (HasBit(hours_, static_cast<unsigned>(minute / 60)) &&
          HasBit(minutes_, static_cast<unsigned>(minute % 60))) {
        return Instant(day) + minutes(minute);
      }
    }
  }
  return std::nullopt;
}

}  // namespace stargaze::orchestrate
