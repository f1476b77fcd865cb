#include "sandbox/ascii.h"

#include <algorithm>

namespace stargaze::sandbox {

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::ranges::transform(lower, lower.begin(), LowerChar);
  return lower;
}

bool EqualsAnyCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, LowerChar, LowerChar);
}

bool ContainsAnyCase(std::string_view text, std::string_view lower) {
  const auto equals = [](char in_text, char wanted) { return LowerChar(in_text) == wanted; };
  const auto* found = std::search(text.begin(), text.end(), lower.begin(), lower.end(), equals);
  return lower.empty() || found != text.end();
}

std::optional<double> ShareOf(std::string_view text) {
  double value = 0;
  double unit = 1;
  bool after_point = false;
  bool any = false;
  for (const char c : text) {
    if (c == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (c < '0' || c > '9' || text.size() > 12) return std::nullopt;
    any = true;
    if (after_point) {
      value += (c - '0') * (unit /= 10);
    } else {
      value = value * 10 + (c - '0');
    }
  }
  return any && value <= 1 ? std::optional(value) : std::nullopt;
}

}  // namespace stargaze::sandbox
