// Text inside XML and SVG.

#pragma once

#include <string>
#include <string_view>

namespace stargaze::serve {

// Safe in content and in quoted attributes; what XML 1.0 cannot hold becomes U+FFFD.
std::string EscapeXml(std::string_view text);

}  // namespace stargaze::serve
