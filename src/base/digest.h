// Digests of texts and files, from OpenSSL.

#pragma once

#include <string>
#include <string_view>

namespace stargaze {

// SHA-256 of the bytes as 64 lower-case hex digits.
std::string Sha256Hex(std::string_view bytes);

// SHA-1 as 40 hex digits. For spreading and for agreeing with others; never for trust.
std::string Sha1Hex(std::string_view bytes);

}  // namespace stargaze
