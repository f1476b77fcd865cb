// This program's version.

#pragma once

#include <string_view>

namespace stargaze {

inline constexpr std::string_view kVersion = "0.1.0";

}  // namespace stargaze
