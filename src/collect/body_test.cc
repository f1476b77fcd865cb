#include "collect/body.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include <boost/json.hpp>

namespace stargaze::collect {
namespace {

TEST(BodyTest, CutsAddressesHoweverTheyAreEscapedAndLeavesJson) {
  struct Case {
    std::string json;
    std::string kept;
  };
  const std::vector<Case> cases{
      {R"("me@host.org")", R"("[e-mail]")"},
      {R"("me\u0040host.org")", R"("[e-mail]")"},
      {R"("\u006d\u0065@\u0068ost.org")", R"("[e-mail]")"},
      {R"("\u004e0\u0040host.org")", R"("[e-mail]")"},
      {R"("\u003cme@host.org\u003e")", R"("\u003c[e-mail]\u003e")"},
      {R"("\u4e2dme@host.org")", R"("\u4e2d[e-mail]")"},
      {R"("\nme@host.org")", R"("\n[e-mail]")"},
      {R"("\\nme@host.org")", R"("\\[e-mail]")"},
      {R"("\\u0040host.org")", R"("\\u0040host.org")"},
      {R"("git@github.com:a/b")", R"("git@github.com:a/b")"},
      {R"("a @ b, c@d")", R"("a @ b, c@d")"},
      {R"({"email":"odd\"one","x":1})", R"({"email":null,"x":1})"},
  };
  for (const Case& one : cases) {
    std::string kept = one.json;
    CutEmailAddresses(kept);
    EXPECT_EQ(kept, one.kept) << one.json;
    boost::system::error_code malformed;
    boost::json::parse(kept, malformed);
    EXPECT_FALSE(malformed) << one.json;
  }
}

}  // namespace
}  // namespace stargaze::collect
