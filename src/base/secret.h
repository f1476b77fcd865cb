// Secrets: made by OpenSSL, compared without telling how much was right.

#pragma once

#include <string>
#include <string_view>

namespace stargaze {

// 256 random bits as 64 hex digits.
std::string NewSecret();

// False for two empty ones: a secret that was never set lets nobody in.
bool SameSecret(std::string_view a, std::string_view b);

}  // namespace stargaze
