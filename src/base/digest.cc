#include "base/digest.h"

#include <openssl/evp.h>

#include <array>
#include <cstddef>

#include "base/assert.h"

namespace stargaze {

namespace {

std::string DigestHex(std::string_view bytes, const EVP_MD* kind) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int size = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), digest.data(), &size, kind, nullptr);
  SG_ASSERT(done == 1 && size > 0);
  std::string hex;
  hex.reserve(2 * std::size_t{size});
  for (std::size_t i = 0; i < size; ++i) {
    hex += kDigits[digest[i] >> 4U];
    hex += kDigits[digest[i] & 15U];
  }
  return hex;
}

}  // namespace

std::string Sha256Hex(std::string_view bytes) {
  return DigestHex(bytes, EVP_sha256());
}

std::string Sha1Hex(std::string_view bytes) {
  return DigestHex(bytes, EVP_sha1());
}

}  // namespace stargaze
