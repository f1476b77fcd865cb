#include "base/digest.h"

#include <gtest/gtest.h>

namespace stargaze {
namespace {

TEST(Digest, GivesThePublishedVectors) {
  EXPECT_EQ(Sha256Hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(Digest, GivesThePublishedSha1Vector) {
  EXPECT_EQ(Sha1Hex("abc"), "a9993e364706816aba3e25717850c26c9cd0d89d");
}

TEST(Digest, CountsZeroBytes) {
  EXPECT_NE(Sha256Hex(std::string_view("\0", 1)), Sha256Hex(""));
}

}  // namespace
}  // namespace stargaze
