// The text of a cron schedule into its bits.

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/suggest.h"
#include "orchestrate/cron.h"

namespace stargaze::orchestrate {
namespace {

constexpr std::size_t kMaxLength = 256;
constexpr int kDaysPerWeek = 7;
constexpr int kMaxNth = 5;

constexpr std::array<std::string_view, 12> kMonths{
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kWeekdays{
    "sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr std::array<std::pair<std::string_view, std::string_view>, 8> kPresets{
    {{"@hourly", "0 * * * *"},
     {"@daily", "0 0 * * *"},
     {"@midnight", "0 0 * * *"},
     {"@weekly", "0 0 * * 0"},
     {"@monthly", "0 0 1 * *"},
     {"@quarterly", "0 0 1 */3 *"},
     {"@yearly", "0 0 1 1 *"},
     {"@annually", "0 0 1 1 *"}}};

struct Field {
  std::string_view name{};
  int min = 0;
  int max = 0;
  int count = 0;  // Of different values: 7 is Sunday again.
  bool is_day = false;
  std::span<const std::string_view> names{};  // The first one means `min`.
};

const std::array<Field, 5> kFields{
    {{.name = "minute", .min = 0, .max = 59, .count = 60},
     {.name = "hour", .min = 0, .max = 23, .count = 24},
     {.name = "day of month", .min = 1, .max = 31, .count = 31, .is_day = true},
     {.name = "month", .min = 1, .max = 12, .count = 12, .names = kMonths},
     {.name = "day of week",
      .min = 0,
      .max = 7,
      .count = kDaysPerWeek,
      .is_day = true,
      .names = kWeekdays}}};
constexpr std::size_t kDayOfMonth = 2;
constexpr std::size_t kDayOfWeek = 4;

// What the parts of one field say together.
struct Bits {
  uint64_t values = 0;
  uint64_t nth = 0;      // Bit 7 * (n - 1) + weekday.
  uint64_t last = 0;     // Weekdays.
  bool is_last = false;  // The last day of the month.
};

uint64_t BitOf(int value) {
  return uint64_t{1} << static_cast<unsigned>(value);
}

Error Malformed(const Field& field, std::string_view part, std::string_view why) {
  return {ErrorKind::kInvalidInput,
          fmt::format("malformed schedule: {} '{}' {}", field.name, part, why)};
}

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

std::optional<int> ParseNumber(std::string_view text) {
  int value = 0;
  const char* end = text.data() + text.size();
  const auto [stopped_at, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped_at != end) return std::nullopt;
  return value;
}

Result<int> ParseValue(const Field& field, std::string_view text) {
  const auto name = std::find(field.names.begin(), field.names.end(), text);
  if (name != field.names.end()) return field.min + static_cast<int>(name - field.names.begin());
  const std::optional<int> value = ParseNumber(text);
  if (!value) return Malformed(field, text, "is no number");
  if (*value < field.min || *value > field.max)
    return Malformed(field, text, fmt::format("is outside {}-{}", field.min, field.max));
  return *value;
}

// "*", "5", "1-5", "*/10", "1-30/2", "5/10"
Result<uint64_t> ParseRange(const Field& field, std::string_view part) {
  const std::size_t slash = part.find('/');
  const std::string_view range = part.substr(0, slash);
  const std::size_t dash = range.find('-');
  const int last = field.min + field.count - 1;
  int from = field.min;
  int to = last;
  if (range != "*" && !(range == "?" && field.is_day)) {
    SG_TRY(from, ParseValue(field, range.substr(0, dash)));
    if (dash != std::string_view::npos) {
      SG_TRY(to, ParseValue(field, range.substr(dash + 1)));
    } else if (slash == std::string_view::npos) {
      to = from;
    }
  }
  if (to < from) to += field.count;
  int step = 1;
  if (slash != std::string_view::npos) {
    step = ParseNumber(part.substr(slash + 1)).value_or(0);
    if (step < 1 || step > field.max) return Malformed(field, part, "has no usable step");
  }
  uint64_t bits = 0;
  for (int value = from; value <= to; value += step)
    bits |= BitOf((value - field.min) % field.count + field.min);
  return bits;
}

Result<unsigned> ParseWeekday(const Field& field, std::string_view text) {
  SG_TRY(const int value, ParseValue(field, text));
  return static_cast<unsigned>(value % kDaysPerWeek);
}

// "mon#1"
Result<uint64_t> ParseNth(const Field& field, std::string_view part, std::size_t hash) {
  SG_TRY(const unsigned weekday, ParseWeekday(field, part.substr(0, hash)));
  const int nth = ParseNumber(part.substr(hash + 1)).value_or(0);
  if (nth < 1 || nth > kMaxNth)
    return Malformed(field, part, fmt::format("must end with #1 to #{}", kMaxNth));
  return uint64_t{1} << (static_cast<unsigned>(nth - 1) * kDaysPerWeek + weekday);
}

// "L5", "5L"; the plain "L" is for the day of month alone.
Result<uint64_t> ParseLastWeekday(const Field& field, std::string_view part) {
  const std::string_view weekday =
      part.starts_with('l') ? part.substr(1) : part.substr(0, part.size() - 1);
  if (weekday.empty())
    return Malformed(field, part, "must name the weekday: L5 is the last Friday");
  SG_TRY(const unsigned value, ParseWeekday(field, weekday));
  return uint64_t{1} << value;
}

Status ParsePart(const Field& field, std::string_view part, Bits& bits) {
  const bool is_weekday = &field == &kFields[kDayOfWeek];
  const std::size_t hash = part.find('#');
  if (is_weekday && hash != std::string_view::npos) {
    SG_TRY(const uint64_t nth, ParseNth(field, part, hash));
    bits.nth |= nth;
  } else if (is_weekday && (part.starts_with('l') || part.ends_with('l'))) {
    SG_TRY(const uint64_t last, ParseLastWeekday(field, part));
    bits.last |= last;
  } else if (part == "l" && &field == &kFields[kDayOfMonth]) {
    bits.is_last = true;
  } else {
    SG_TRY(const uint64_t values, ParseRange(field, part));
    bits.values |= values;
  }
  return Ok();
}

Result<Bits> ParseField(const Field& field, std::string_view text) {
  Bits bits;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t comma = std::min(text.find(',', begin), text.size());
    SG_RETURN_IF_ERROR(ParsePart(field, text.substr(begin, comma - begin), bits));
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

Result<std::string> WithoutPreset(std::string_view text) {
  std::string lower = Lower(text.substr(0, kMaxLength + 1));
  if (!lower.starts_with('@')) return lower;
  std::vector<std::string> names;
  for (const auto& [name, meaning] : kPresets) {
    if (lower == name) return std::string(meaning);
    names.emplace_back(name);
  }
  return Error(ErrorKind::kInvalidInput,
               fmt::format("malformed schedule: unknown preset '{}'{}",
                           lower.substr(0, 80),
                           DidYouMean(lower, names)));
}

bool IsRestricted(std::string_view field) {
  return !field.starts_with('*') && !field.starts_with('?');
}

Error WrongCount(std::string_view text, std::size_t count) {
  const bool is_longer_form = count == 6 || count == 7;
  return {ErrorKind::kInvalidInput,
          fmt::format("malformed schedule: expected five fields (minute hour day month weekday), "
                      "found '{}'{}",
                      text.substr(0, 80),
                      is_longer_form ? "; seconds and years are not supported" : "")};
}

}  // namespace

Result<CronSchedule> ParseCron(std::string_view text) {
  SG_TRY(const std::string lower, WithoutPreset(text));
  const std::vector<std::string_view> words =
      lower.size() > kMaxLength ? std::vector<std::string_view>() : Words(lower);
  if (words.size() != kFields.size()) return WrongCount(text, words.size());
  std::array<Bits, 5> bits{};
  for (std::size_t i = 0; i < bits.size(); ++i) {
    SG_TRY(bits[i], ParseField(kFields[i], words[i]));
  }
  CronFields fields;
  fields.minutes = bits[0].values;
  fields.hours = bits[1].values;
  fields.days = bits[kDayOfMonth].values;
  fields.is_last_day = bits[kDayOfMonth].is_last;
  fields.months = bits[3].values;
  fields.weekdays = bits[kDayOfWeek].values;
  fields.nth_weekdays = bits[kDayOfWeek].nth;
  fields.last_weekdays = bits[kDayOfWeek].last;
  fields.is_day_restricted = IsRestricted(words[kDayOfMonth]);
  fields.is_weekday_restricted = IsRestricted(words[kDayOfWeek]);
  return CronSchedule(fields);
}

}  // namespace stargaze::orchestrate
