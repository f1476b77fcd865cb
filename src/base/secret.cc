#include "base/secret.h"

#include <fmt/core.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <array>

#include "base/assert.h"

namespace stargaze {

std::string NewSecret() {
  std::array<unsigned char, 32> bytes{};
  SG_ASSERT(RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) == 1);
  std::string text;
  for (const unsigned char byte : bytes) text += fmt::format("{:02x}", byte);
  return text;
}

bool SameSecret(std::string_view a, std::string_view b) {
  return !a.empty() && a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace stargaze
