#include "app/token_file.h"

#include <gtest/gtest.h>

namespace stargaze::app {
namespace {

constexpr const char* kText = "# ours\nghp_aaaaaaaaaaaa1111 # spare\n\nghp_bbbbbbbbbbbb2222\r\n";

TEST(TokenFile, TokensAreWhatIsNoCommentAndNoBlank) {
  const std::vector<std::string> both{"ghp_aaaaaaaaaaaa1111", "ghp_bbbbbbbbbbbb2222"};
  EXPECT_EQ(TokensOf(kText), both);
  EXPECT_TRUE(TokensOf("# none\n \n").empty());
}

TEST(TokenFile, ATokenIsAddedAsALineOfItsOwn) {
  EXPECT_EQ(WithToken("", "t"), "t\n");
  EXPECT_EQ(WithToken("a\n", "t"), "a\nt\n");
  EXPECT_EQ(WithToken("a", "t"), "a\nt\n");
}

TEST(TokenFile, ATokenIsRemovedByItsEndAndTheRestStays) {
  EXPECT_EQ(WithoutToken(kText, "1111").value(), "# ours\n\nghp_bbbbbbbbbbbb2222\r\n");
  EXPECT_EQ(WithoutToken(kText, "…2222").value(), "# ours\nghp_aaaaaaaaaaaa1111 # spare\n\n");
}

TEST(TokenFile, OnlyOneIsRemoved) {
  const std::string two = std::string(kText) + "ghp_cccccccccccc1111\n";
  EXPECT_EQ(WithoutToken(two, "1111").error().kind(), ErrorKind::kConflict);
  EXPECT_TRUE(WithoutToken(two, "c1111").ok());
  EXPECT_EQ(WithoutToken(kText, "3333").error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(WithoutToken(kText, "ours").error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(WithoutToken(kText, "").error().kind(), ErrorKind::kInvalidInput);
  EXPECT_EQ(WithoutToken(kText, "…").error().kind(), ErrorKind::kInvalidInput);
}

}  // namespace
}  // namespace stargaze::app
