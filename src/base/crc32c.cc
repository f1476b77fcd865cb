#include "base/crc32c.h"

#include <isa-l/crc.h>

#include <algorithm>
#include <cstddef>

namespace stargaze {

uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes) {
  // ISA-L takes an int length and a pointer to mutable bytes that it does not change.
  constexpr std::size_t kPiece = std::size_t{1} << 30;
  uint32_t state = ~crc;
  while (!bytes.empty()) {
    const std::size_t size = std::min(bytes.size(), kPiece);
    auto* data = reinterpret_cast<unsigned char*>(
        const_cast<char*>(bytes.data()));  // NOLINT(cppcoreguidelines-pro-type-const-cast)
    state = crc32_iscsi(data, static_cast<int>(size), state);
    bytes.remove_prefix(size);
  }
  return ~state;
}

uint32_t Crc32c(std::string_view bytes) {
  return ExtendCrc32c(0, bytes);
}

}  // namespace stargaze
