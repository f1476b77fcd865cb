#include "base/instant.h"

#include <fmt/core.h>

#include <array>
#include <cstdint>

namespace stargaze {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<std::string_view, 7> kWeekdays{
    "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
constexpr std::array<std::string_view, 12> kMonths{
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Parts {
  int year = 0;
  unsigned month = 0, day = 0;
  int hour = 0, minute = 0, second = 0;
  int64_t microsecond = 0;
};

Parts Split(Instant instant) {
  const Day day = DayOf(instant);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<microseconds> time(instant - day);
  return {.year = int(date.year()),
          .month = unsigned(date.month()),
          .day = unsigned(date.day()),
          .hour = static_cast<int>(time.hours().count()),
          .minute = static_cast<int>(time.minutes().count()),
          .second = static_cast<int>(time.seconds().count()),
          .microsecond = time.subseconds().count()};
}

// Reads fixed-width fields from the front of a text; one failure makes all that follows fail.
class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  int Digits(std::size_t count) {
    if (rest_.size() < count) ok_ = false;
    int number = 0;
    for (std::size_t i = 0; ok_ && i < count; ++i) {
      const char c = rest_[i];
      if (c < '0' || c > '9') ok_ = false;
      number = number * 10 + (c - '0');
    }
    if (ok_) rest_.remove_prefix(count);
    return number;
  }

  void Literal(std::string_view literal) {
    if (!rest_.starts_with(literal)) ok_ = false;
    if (ok_) rest_.remove_prefix(literal.size());
  }

  // The index of the name that the text begins with.
  template <std::size_t kCount>
  unsigned OneOf(const std::array<std::string_view, kCount>& names) {
    for (unsigned i = 0; i < kCount; ++i) {
      if (rest_.starts_with(names[i])) {
        rest_.remove_prefix(names[i].size());
        return i;
      }
    }
    ok_ = false;
    return 0;
  }

  // ".5" is 500,000 µs; no fraction is 0.
  int64_t Fraction() {
    if (!rest_.starts_with('.')) return 0;
    rest_.remove_prefix(1);
    int64_t value = 0;
    int digits = 0;
    while (!rest_.empty() && rest_[0] >= '0' && rest_[0] <= '9' && digits < 6) {
      value = value * 10 + Digits(1);
      ++digits;
    }
    if (digits == 0) ok_ = false;
    for (; digits < 6; ++digits) value *= 10;
    return value;
  }

  bool Done() const { return ok_ && rest_.empty(); }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

std::optional<Instant> Join(const Parts& parts) {
  const std::chrono::year_month_day date(
      std::chrono::year(parts.year), std::chrono::month(parts.month), std::chrono::day(parts.day));
  if (!date.ok() || parts.hour > 23 || parts.minute > 59 || parts.second > 59) return std::nullopt;
  return Day(date) + hours(parts.hour) + minutes(parts.minute) + seconds(parts.second) +
         microseconds(parts.microsecond);
}

// "2026-09-01"; what is no date is seen by Reader::Done.
Parts ReadDate(Reader& reader) {
  Parts parts;
  parts.year = reader.Digits(4);
  reader.Literal("-");
  parts.month = static_cast<unsigned>(reader.Digits(2));
  reader.Literal("-");
  parts.day = static_cast<unsigned>(reader.Digits(2));
  return parts;
}

}  // namespace

std::string FormatInstant(Instant instant) {
  const Parts p = Split(instant);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:06}Z",
                     p.year,
                     p.month,
                     p.day,
                     p.hour,
                     p.minute,
                     p.second,
                     p.microsecond);
}

std::string FormatInstantSeconds(Instant instant) {
  const Parts p = Split(instant);
  return fmt::format(
      "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

std::string FormatCompact(Instant instant) {
  const Parts p = Split(instant);
  return fmt::format(
      "{:04}{:02}{:02}T{:02}{:02}{:02}Z", p.year, p.month, p.day, p.hour, p.minute, p.second);
}

std::string FormatDay(Day day) {
  const Parts p = Split(day);
  return fmt::format("{:04}-{:02}-{:02}", p.year, p.month, p.day);
}

std::string FormatDayPath(Day day) {
  const Parts p = Split(day);
  return fmt::format("{:04}/{:02}/{:02}", p.year, p.month, p.day);
}

std::string FormatHttpDate(Instant instant) {
  const Parts p = Split(instant);
  const std::chrono::weekday weekday(DayOf(instant));
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
                     kWeekdays[weekday.c_encoding()],
                     p.day,
                     kMonths[p.month - 1],
                     p.year,
                     p.hour,
                     p.minute,
                     p.second);
}

std::optional<Instant> ParseInstant(std::string_view text) {
  Reader reader(text);
  Parts parts = ReadDate(reader);
  reader.Literal("T");
  parts.hour = reader.Digits(2);
  reader.Literal(":");
  parts.minute = reader.Digits(2);
  reader.Literal(":");
  parts.second = reader.Digits(2);
  parts.microsecond = reader.Fraction();
  reader.Literal("Z");
  return reader.Done() ? Join(parts) : std::nullopt;
}

std::optional<Instant> ParseCompact(std::string_view text) {
  Reader reader(text);
  Parts parts;
  parts.year = reader.Digits(4);
  parts.month = static_cast<unsigned>(reader.Digits(2));
  parts.day = static_cast<unsigned>(reader.Digits(2));
  reader.Literal("T");
  parts.hour = reader.Digits(2);
  parts.minute = reader.Digits(2);
  parts.second = reader.Digits(2);
  reader.Literal("Z");
  return reader.Done() ? Join(parts) : std::nullopt;
}

std::optional<Day> ParseDay(std::string_view text) {
  Reader reader(text);
  const Parts parts = ReadDate(reader);
  if (!reader.Done()) return std::nullopt;
  const auto instant = Join(parts);
  return instant ? std::optional<Day>(DayOf(*instant)) : std::nullopt;
}

std::optional<Instant> ParseHttpDate(std::string_view text) {
  Reader reader(text);
  Parts parts;
  (void)reader.OneOf(kWeekdays);
  reader.Literal(", ");
  parts.day = static_cast<unsigned>(reader.Digits(2));
  reader.Literal(" ");
  parts.month = reader.OneOf(kMonths) + 1;
  reader.Literal(" ");
  parts.year = reader.Digits(4);
  reader.Literal(" ");
  parts.hour = reader.Digits(2);
  reader.Literal(":");
  parts.minute = reader.Digits(2);
  reader.Literal(":");
  parts.second = reader.Digits(2);
  reader.Literal(" GMT");
  return reader.Done() ? Join(parts) : std::nullopt;
}

}  // namespace stargaze
