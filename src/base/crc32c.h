// CRC-32C (Castagnoli, RFC 3720): the checksum of every object in the lake.

#pragma once

#include <cstdint>
#include <string_view>

namespace stargaze {

uint32_t Crc32c(std::string_view bytes);

// Goes on from the checksum of what came before; the first call starts from 0.
uint32_t ExtendCrc32c(uint32_t crc, std::string_view bytes);

}  // namespace stargaze
