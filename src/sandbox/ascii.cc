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

}  // namespace stargaze::sandbox
