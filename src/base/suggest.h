// "did you mean": the nearest of the words that would have been right.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace stargaze {

// The candidate with the smallest edit distance to `word`, if that is at most a third of its length
// (at least 1); nullopt otherwise.
std::optional<std::string> Nearest(std::string_view word, std::span<const std::string> candidates);

// ", did you mean 'x'?" or nothing.
std::string DidYouMean(std::string_view word, std::span<const std::string> candidates);

}  // namespace stargaze
