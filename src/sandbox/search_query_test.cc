#include "sandbox/search_query.h"

#include <gtest/gtest.h>

namespace stargaze::sandbox {
namespace {

constexpr int64_t kAny = std::numeric_limits<int64_t>::max();

TEST(ParseCountRange, TakesEveryFormOfTheLanguage) {
  struct Case {
    std::string_view text{};
    int64_t min = 0;
    int64_t max = 0;
  };
  const Case cases[] = {{"10..20", 10, 20},
                        {"10..*", 10, kAny},
                        {"*..20", 0, 20},
                        {"*..*", 0, kAny},
                        {">=5", 5, kAny},
                        {">5", 6, kAny},
                        {"<=5", 0, 5},
                        {"<5", 0, 4},
                        {"7", 7, 7},
                        {"0", 0, 0},
                        {"20..10", 20, 10},
                        {"007", 7, 7},
                        {"999999999999999", 999999999999999, 999999999999999}};
  for (const Case& one : cases) {
    const auto range = ParseCountRange(one.text);
    ASSERT_TRUE(range) << one.text;
    EXPECT_EQ(range->min, one.min) << one.text;
    EXPECT_EQ(range->max, one.max) << one.text;
  }
}

TEST(ParseCountRange, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "x",
                                      "-5",
                                      "1k",
                                      "1..",
                                      "..2",
                                      "1...2",
                                      "1..2..3",
                                      ">",
                                      ">=*",
                                      "1.5",
                                      "1 ",
                                      "9999999999999999",
                                      ">>1",
                                      "=1",
                                      "1..x"}) {
    EXPECT_FALSE(ParseCountRange(text)) << text;
  }
}

TEST(ParseTimeRange, TakesDaysAndTimestamps) {
  struct Case {
    std::string_view text{};
    std::string_view min{};
    std::string_view max{};
  };
  const Case cases[] = {
      {"2022-06-06", "2022-06-06T00:00:00.000000Z", "2022-06-06T23:59:59.999999Z"},
      {"2022-06-06..2022-06-07", "2022-06-06T00:00:00.000000Z", "2022-06-07T23:59:59.999999Z"},
      {"2022-06-06T10:00:00Z..2022-06-06T10:01:00Z",
       "2022-06-06T10:00:00.000000Z",
       "2022-06-06T10:01:00.999999Z"},
      {"2022-06-06T10:00:00+09:00", "2022-06-06T01:00:00.000000Z", "2022-06-06T01:00:00.999999Z"},
      {"2022-06-06T10:00:00-01:30", "2022-06-06T11:30:00.000000Z", "2022-06-06T11:30:00.999999Z"},
  };
  for (const Case& one : cases) {
    const auto range = ParseTimeRange(one.text);
    ASSERT_TRUE(range) << one.text;
    EXPECT_EQ(FormatInstant(range->min), one.min) << one.text;
    EXPECT_EQ(FormatInstant(range->max), one.max) << one.text;
  }
  EXPECT_EQ(FormatInstant(ParseTimeRange(">2022-06-06")->min), "2022-06-07T00:00:00.000000Z");
  EXPECT_EQ(FormatInstant(ParseTimeRange("<2022-06-06")->max), "2022-06-05T23:59:59.999999Z");
  EXPECT_EQ(ParseTimeRange(">=2022-06-06")->max, Instant::max());
  EXPECT_EQ(ParseTimeRange("*..2022-06-06")->min, Instant::min());
}

TEST(ParseTimeRange, RefusesEverythingElse) {
  for (const std::string_view text : {"",
                                      "2022",
                                      "2022-13-01",
                                      "2022-06-06T10:00:00",
                                      "2022-06-06T10:00:00+0900",
                                      "2022-06-06T10:00:00+25:00",
                                      "yesterday",
                                      "2022-06-06..",
                                      "+09:00"}) {
    EXPECT_FALSE(ParseTimeRange(text)) << text;
  }
}

TEST(ParseSearchQuery, NarrowsRepeatedRangesAndKeepsWords) {
  const auto query = ParseSearchQuery("  Mesh stars:>=10 stars:<100 forks:5..6 \"two words\" ");
  ASSERT_TRUE(query.ok());
  EXPECT_EQ(query.value().words, (std::vector<std::string>{"mesh", "two words"}));
  EXPECT_EQ(query.value().stars.min, 10);
  EXPECT_EQ(query.value().stars.max, 99);
  EXPECT_EQ(query.value().forks.min, 5);
  EXPECT_EQ(query.value().forks.max, 6);
}

TEST(ParseSearchQuery, RefusesWhatItDoesNotUnderstand) {
  for (const std::string_view text : {"stars:abc",
                                      "size:>10",
                                      "-stars:>10",
                                      "a OR b",
                                      "NOT a",
                                      "-word",
                                      "archived:maybe",
                                      "license:",
                                      "fork:only",
                                      "stars:\"\""}) {
    const auto query = ParseSearchQuery(text);
    ASSERT_FALSE(query.ok()) << text;
    EXPECT_EQ(query.error().kind(), ErrorKind::kInvalidInput);
  }
  EXPECT_FALSE(ParseSearchQuery(std::string(257, 'a')).ok());
  EXPECT_TRUE(ParseSearchQuery(std::string(256, 'a')).ok());
  EXPECT_FALSE(ParseSearchQuery("stars:1 " + std::string(2'000, ' ')).ok());
}

class Matching : public ::testing::Test {
 protected:
  bool MatchesText(std::string_view text) {
    const auto query = ParseSearchQuery(text);
    EXPECT_TRUE(query.ok()) << text;
    return query.ok() && Matches(query.value(), repository_);
  }

  RepositoryProfile profile_{.id = 1,
                             .created_at = *ParseInstant("2022-06-06T12:00:00Z"),
                             .language = "Jupyter Notebook",
                             .license = &Licenses().front(),
                             .topics = {"cli", "testing"}};
  RepositoryName name_{.full_name = "sim-Owner/Mesh-kit", .owner = "sim-Owner", .name = "Mesh-kit"};
  Repository repository_{.profile = &profile_,
                         .name = &name_,
                         .stars = 100,
                         .forks = 7,
                         .pushed_at = *ParseInstant("2023-01-01T00:00:00Z"),
                         .archived = true};
};

TEST_F(Matching, HoldsForEachQualifierThatIsTrue) {
  for (const std::string_view text : {"stars:100",
                                      "stars:100..*",
                                      "forks:<8",
                                      "created:2022-06-06",
                                      "created:2022-06-06T12:00:00Z",
                                      "pushed:>2022-12-31",
                                      "archived:true",
                                      "license:MIT",
                                      "language:\"jupyter notebook\"",
                                      "topic:cli topic:testing",
                                      "user:SIM-owner",
                                      "org:sim-owner",
                                      "mesh",
                                      "owner/mesh",
                                      "is:public",
                                      "fork:true",
                                      "license:gpl-3.0 license:mit",
                                      "-license:gpl-3.0",
                                      "-language:go",
                                      "-topic:web",
                                      "stars:100 forks:7 mesh"}) {
    EXPECT_TRUE(MatchesText(text)) << text;
  }
}

TEST_F(Matching, FailsForEachQualifierThatIsFalse) {
  for (const std::string_view text : {"stars:101",
                                      "stars:>100",
                                      "stars:<100",
                                      "stars:200..50",
                                      "forks:8..*",
                                      "created:2022-06-07",
                                      "created:2022-06-06T12:00:01Z",
                                      "pushed:<2022-12-31",
                                      "archived:false",
                                      "license:isc",
                                      "language:go",
                                      "topic:cli topic:web",
                                      "user:owner",
                                      "mash",
                                      "-license:mit",
                                      "-topic:cli",
                                      "-user:sim-owner",
                                      "mesh stars:1"}) {
    EXPECT_FALSE(MatchesText(text)) << text;
  }
}

TEST_F(Matching, ARepositoryWithoutALicenceHasNone) {
  profile_.license = nullptr;
  profile_.language.reset();
  EXPECT_FALSE(MatchesText("license:mit"));
  EXPECT_FALSE(MatchesText("language:go"));
  EXPECT_TRUE(MatchesText("-license:mit -language:go"));
}

}  // namespace
}  // namespace stargaze::sandbox
