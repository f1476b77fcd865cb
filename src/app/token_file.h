// The text of github.tokens_file: a token a line, '#' begins a comment.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace stargaze::app {

// Its tokens, in order.
std::vector<std::string> TokensOf(const std::string& text);

// With one more line at its end.
std::string WithToken(const std::string& text, const std::string& token);

// Without the line whose token ends with these characters ("…wxyz" or "wxyz"); comments and the
// other lines stay. kNotFound when none does, kConflict when several do.
Result<std::string> WithoutToken(const std::string& text, const std::string& ending);

}  // namespace stargaze::app
