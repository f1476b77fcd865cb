#include "base/crc32c.h"

#include <gtest/gtest.h>

#include <string>

namespace stargaze {
namespace {

// RFC 3720 appendix B.4 and the usual check value.
TEST(Crc32c, MatchesKnownVectors) {
  EXPECT_EQ(Crc32c(""), 0U);
  EXPECT_EQ(Crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(Crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(Crc32c(std::string(32, '\xff')), 0x62A8AB43U);
}

TEST(Crc32c, IsTheSameInPieces) {
  EXPECT_EQ(ExtendCrc32c(Crc32c("1234"), "56789"), Crc32c("123456789"));
}

}  // namespace
}  // namespace stargaze
