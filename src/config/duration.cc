#include "config/duration.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <span>
#include <system_error>

namespace stargaze::config {
namespace {

struct Unit {
  char letter = 's';
  int64_t seconds = 1;
};

constexpr int64_t kMinute = 60;
constexpr int64_t kHour = 60 * kMinute;
constexpr int64_t kDay = 24 * kHour;
constexpr int64_t kMaxSeconds = 3653 * kDay;

// The largest first: each may come once, in this order.
constexpr std::array<Unit, 5> kShort{
    {{'w', 7 * kDay}, {'d', kDay}, {'h', kHour}, {'m', kMinute}, {'s', 1}}};
constexpr std::array<Unit, 2> kIsoDate{{{'W', 7 * kDay}, {'D', kDay}}};
constexpr std::array<Unit, 3> kIsoTime{{{'H', kHour}, {'M', kMinute}, {'S', 1}}};

// Takes a number off the front of `text`.
std::optional<int64_t> TakeNumber(std::string_view& text) {
  if (text.empty() || text.front() < '0' || text.front() > '9') return std::nullopt;
  int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::optional<int64_t> SumOf(std::string_view text, std::span<const Unit> units) {
  if (text.empty()) return std::nullopt;
  int64_t sum = 0;
  while (!text.empty()) {
    const std::optional<int64_t> number = TakeNumber(text);
    if (!number || text.empty()) return std::nullopt;
    const auto unit = std::ranges::find(units, text.front(), &Unit::letter);
    if (unit == units.end() || *number > kMaxSeconds / unit->seconds) return std::nullopt;
    sum += *number * unit->seconds;
    units = units.subspan(static_cast<std::size_t>(unit - units.begin()) + 1);
    text.remove_prefix(1);
  }
  return sum;
}

std::optional<int64_t> IsoSeconds(std::string_view text) {
  const std::size_t t = text.find('T');
  if (t == std::string_view::npos) return SumOf(text, kIsoDate);
  const std::optional<int64_t> days = t == 0 ? 0 : SumOf(text.substr(0, t), kIsoDate);
  const std::optional<int64_t> time = SumOf(text.substr(t + 1), kIsoTime);
  if (!days || !time) return std::nullopt;
  return *days + *time;
}

std::optional<int64_t> Seconds(std::string_view text) {
  if (text.starts_with('P')) return IsoSeconds(text.substr(1));
  std::string_view rest = text;
  const std::optional<int64_t> number = TakeNumber(rest);
  return number && rest.empty() ? number : SumOf(text, kShort);
}

}  // namespace

std::optional<std::chrono::seconds> ParseDuration(std::string_view text) {
  const std::optional<int64_t> seconds = Seconds(text);
  if (!seconds || *seconds > kMaxSeconds) return std::nullopt;
  return std::chrono::seconds(*seconds);
}

std::string CheckDuration(const std::string& text) {
  if (ParseDuration(text)) return {};
  return fmt::format("expected a duration such as 90 (seconds), 5m, 1h30m or PT5M, found '{}'",
                     text.substr(0, 80));
}

std::string CheckPositiveDuration(const std::string& text) {
  std::string problem = CheckDuration(text);
  if (problem.empty() && ParseDuration(text)->count() == 0) problem = "must be longer than nothing";
  return problem;
}

}  // namespace stargaze::config
