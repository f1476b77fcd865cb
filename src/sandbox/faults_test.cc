#include "sandbox/faults.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace stargaze::sandbox {
namespace {

TEST(SetFault, TakesEveryKindByItsName) {
  for (std::size_t i = 0; i < kFaultKinds; ++i) {
    SandboxFaults faults;
    const auto kind = static_cast<FaultKind>(i);
    ASSERT_TRUE(SetFault(faults, std::string(FaultName(kind)) + "=0.25").ok());
    EXPECT_EQ(faults.rates[i], 0.25);
    EXPECT_EQ(std::ranges::count(faults.rates, 0.0), static_cast<std::ptrdiff_t>(kFaultKinds - 1));
  }
}

TEST(SetFault, SaysWhatIsWrong) {
  SandboxFaults faults;
  const Status unknown = SetFault(faults, "htm=0.5");
  ASSERT_FALSE(unknown.ok());
  EXPECT_THAT(unknown.error().message(), ::testing::HasSubstr("did you mean 'html'"));
  for (const std::string_view text :
       {"html", "html=", "html=2", "html=-0.1", "html=x", "html=.", "html=0.0.1", "html=1e-3"}) {
    EXPECT_EQ(SetFault(faults, text).error().kind(), ErrorKind::kInvalidInput) << text;
  }
}

TEST(SetFault, ReadsASeed) {
  SandboxFaults faults;
  ASSERT_TRUE(SetFault(faults, "seed=77").ok());
  EXPECT_EQ(faults.seed, 77U);
  EXPECT_EQ(SetFault(faults, "seed=-1").error().kind(), ErrorKind::kInvalidInput);
  EXPECT_EQ(SetFault(faults, "seed").error().kind(), ErrorKind::kInvalidInput);
}

TEST(FaultOf, FollowsTheSeedAndTheRates) {
  SandboxFaults faults{.seed = 4};
  ASSERT_TRUE(SetFault(faults, "html=0.1").ok());
  ASSERT_TRUE(SetFault(faults, "truncated=0.05").ok());
  int html = 0;
  int truncated = 0;
  for (uint64_t i = 0; i < 10'000; ++i) {
    const auto fault = FaultOf(faults, i);
    EXPECT_EQ(fault, FaultOf(faults, i));
    html += fault == FaultKind::kHtml;
    truncated += fault == FaultKind::kTruncated;
  }
  EXPECT_NEAR(html, 1'000, 120);
  EXPECT_NEAR(truncated, 450, 90);  // Where both would fall, the first kind does.
  EXPECT_EQ(FaultOf(SandboxFaults{}, 1), std::nullopt);
}

class Spoiling : public ::testing::Test {
 protected:
  static JsonBody Body() {
    const std::string one =
        R"({"full_name":"a/b","description":null,"fork":false,"stargazers_count":5,"default_branch":"main"})";
    const std::string text = R"({"items":[)" + one + "," + one + "]}";
    return {.text = text, .items = {10, 10 + one.size() + 1}};
  }
};

TEST_F(Spoiling, ChangesOneItemInTheWayOfItsKind) {
  JsonBody body = Body();
  EXPECT_EQ(SpoilBody(FaultKind::kWrongType, 3, body), 1U);
  EXPECT_EQ(body.text.rfind(R"("stargazers_count":"many",)"), body.text.find("many") - 20);
  EXPECT_NE(body.text.find(R"("stargazers_count":5,)"), std::string::npos);

  body = Body();
  EXPECT_EQ(SpoilBody(FaultKind::kMissingField, 0, body), 0U);
  EXPECT_TRUE(body.text.starts_with(R"({"items":[{"description":null)")) << body.text;

  body = Body();
  SpoilBody(FaultKind::kInvalidUtf8, 0, body);
  EXPECT_NE(body.text.find("\"default_branch\":\"\xff\xfe main\""), std::string::npos);

  body = Body();
  SpoilBody(FaultKind::kHugeText, 1, body);
  EXPECT_GT(body.text.size(), 10'000'000U);
  EXPECT_TRUE(
      body.text.ends_with(R"(xx","fork":false,"stargazers_count":5,"default_branch":"main"}]})"));
}

TEST_F(Spoiling, RepeatsAnItem) {
  for (const uint64_t pick : {0U, 1U}) {
    JsonBody body = Body();
    const std::size_t item = body.items[1] - body.items[0];
    SpoilBody(FaultKind::kDuplicateItems, pick, body);
    EXPECT_EQ(body.text.size(), Body().text.size() + item);
    EXPECT_TRUE(body.text.ends_with("\"main\"}]}"));
  }
}

TEST_F(Spoiling, CutsTheBodyAndLeavesAnEmptyPageAlone) {
  JsonBody body = Body();
  EXPECT_EQ(SpoilBody(FaultKind::kTruncated, 0, body), std::nullopt);
  EXPECT_LT(body.text.size(), Body().text.size());
  JsonBody empty{.text = R"({"items":[]})"};
  EXPECT_EQ(SpoilBody(FaultKind::kWrongType, 0, empty), std::nullopt);
  EXPECT_EQ(empty.text, R"({"items":[]})");
}

}  // namespace
}  // namespace stargaze::sandbox
