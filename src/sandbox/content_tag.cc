#include "sandbox/content_tag.h"

#include <fmt/core.h>

#include <cstring>

#include "sandbox/mix.h"

namespace stargaze::sandbox {

void ContentTag::Add(uint64_t value) {
  high_ = Mix(high_, value);
  low_ = Mix(low_ ^ value, 0x9e37U);
}

void ContentTag::Add(std::string_view text) {
  Add(uint64_t{text.size()});
  while (!text.empty()) {
    uint64_t word = 0;
    const std::size_t bytes = std::min(text.size(), sizeof word);
    std::memcpy(&word, text.data(), bytes);
    Add(word);
    text.remove_prefix(bytes);
  }
}

std::string ContentTag::Text() const {
  return fmt::format("W/\"{:016x}{:016x}\"", high_, low_);
}

bool Matches(std::string_view if_none_match, std::string_view tag) {
  const auto opaque = [](std::string_view text) {
    while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
    if (text.starts_with("W/")) text.remove_prefix(2);
    return text;
  };
  while (!if_none_match.empty()) {
    const std::string_view one = if_none_match.substr(0, if_none_match.find(','));
    if_none_match.remove_prefix(std::min(if_none_match.size(), one.size() + 1));
    if (opaque(one) == "*" || opaque(one) == opaque(tag)) return true;
  }
  return false;
}

}  // namespace stargaze::sandbox
