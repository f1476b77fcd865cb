// Letters of names and query words, where case means nothing; shares in options.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace stargaze::sandbox {

constexpr char LowerChar(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

// A-Z only: GitHub's logins and repository names are ASCII.
std::string Lower(std::string_view text);
bool EqualsAnyCase(std::string_view a, std::string_view b);
// `lower` is in lower case already.
bool ContainsAnyCase(std::string_view text, std::string_view lower);

// From 0 to 1 in plain decimals, as in "0.05"; other locales' commas never count.
std::optional<double> ShareOf(std::string_view text);

}  // namespace stargaze::sandbox
