// Writing JSON by appending to a string.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace stargaze::sandbox {

// With quotes, escaped; bytes that are no UTF-8 become U+FFFD.
void AppendJsonText(std::string& out, std::string_view text);
void AppendJsonText(std::string& out, const std::optional<std::string>& text);  // null without one.
void AppendNumber(std::string& out, int64_t number);

}  // namespace stargaze::sandbox
