// How people write tokens down.

#pragma once

#include <string>
#include <vector>

namespace stargaze::collect {

// The tokens of a text, in order: parts between separators, without blanks; '#' begins a comment
// that ends with its part.
std::vector<std::string> TokenTexts(const std::string& text, char separator);

}  // namespace stargaze::collect
