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
  return !std::ranges::search(text, lower, {}, LowerChar).empty() || lower.empty();
}

}  // namespace stargaze::sandbox
