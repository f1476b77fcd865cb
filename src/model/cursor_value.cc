#include "model/cursor_value.h"

#include <charconv>

#include "base/assert.h"
#include "base/instant.h"

namespace stargaze::model {
namespace {

constexpr int64_t kMicros = 1'000'000;

}  // namespace

std::optional<int64_t> ParseCursorValue(ColumnType type, std::string_view text) {
  if (type == ColumnType::kTimestamp) {
    const std::optional<Instant> instant = ParseInstant(text);
    if (instant) return instant->time_since_epoch().count();
  } else if (type == ColumnType::kDate) {
    const std::optional<Day> day = ParseDay(text);
    if (day) return day->time_since_epoch().count();
  } else if (type == ColumnType::kInteger) {
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error == std::errc() && end == text.data() + text.size()) return value;
  }
  return std::nullopt;
}

std::string FormatCursorValue(ColumnType type, int64_t value) {
  if (type == ColumnType::kTimestamp)
    return FormatInstantSeconds(
        std::chrono::floor<std::chrono::seconds>(Instant(std::chrono::microseconds(value))));
  if (type == ColumnType::kDate) return FormatDay(Day(std::chrono::days(value)));
  SG_ASSERT(type == ColumnType::kInteger);
  return std::to_string(value);
}

int64_t LessOverlap(ColumnType type, int64_t value, int64_t overlap) {
  return value - overlap * (type == ColumnType::kTimestamp ? kMicros : 1);
}

}  // namespace stargaze::model
