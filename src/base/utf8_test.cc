#include "base/utf8.h"

#include <gtest/gtest.h>

namespace stargaze {
namespace {

TEST(ToUtf8, KeepsWhatIsAndReplacesTheRestByteByByte) {
  EXPECT_EQ(ToUtf8(""), "");
  EXPECT_EQ(ToUtf8("a…한😀"), "a…한😀");
  EXPECT_EQ(ToUtf8("a\xff"
                   "b"),
            "a\ufffdb");
  EXPECT_EQ(ToUtf8("\xe2\x80"), "\ufffd\ufffd");            // Cut short.
  EXPECT_EQ(ToUtf8("\xc0\x80"), "\ufffd\ufffd");            // Overlong.
  EXPECT_EQ(ToUtf8("\xed\xa0\x80"), "\ufffd\ufffd\ufffd");  // A surrogate.
  EXPECT_EQ(ToUtf8("\xf4\x90\x80\x80").size(), 12U);        // Above U+10FFFF.
}

}  // namespace
}  // namespace stargaze
