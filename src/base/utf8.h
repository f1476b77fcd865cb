// UTF-8 (RFC 3629: no surrogates, no overlong forms).

#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace stargaze {

// Bytes of the sequence with which the text begins; 0 when it begins with none.
std::size_t Utf8SequenceBytes(std::string_view text);

// As it is where it is UTF-8; every other byte becomes U+FFFD.
std::string ToUtf8(std::string_view text);

}  // namespace stargaze
