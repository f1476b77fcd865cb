#include "serve/trends_state.h"

#include <gtest/gtest.h>

namespace stargaze::serve {
namespace {

TEST(TrendsStateTest, TakesEveryParameter) {
  const TrendsState state = ParseTrendsState({{"lic", "class:weak,mit"},
                                              {"lang", "C++,none"},
                                              {"topic", "cli"},
                                              {"age", "365"},
                                              {"min", "10"},
                                              {"max", "99"},
                                              {"hide", "archived,forks"},
                                              {"n", "25"},
                                              {"cols", "spark"}});
  EXPECT_TRUE(state.notices.empty());
  EXPECT_EQ(state.licenses, (std::vector<std::string>{"class:weak", "mit"}));
  EXPECT_EQ(state.languages, (std::vector<std::string>{"C++", "none"}));
  EXPECT_EQ(state.topics, std::vector<std::string>{"cli"});
  EXPECT_EQ(state.age_days_max, 365);
  EXPECT_EQ(state.value_min, 10);
  EXPECT_EQ(state.value_max, 99);
  EXPECT_TRUE(state.hide_archived);
  EXPECT_TRUE(state.hide_forks);
  EXPECT_EQ(state.top_rows, 25);
}

TEST(TrendsStateTest, IgnoresAndNotesWhatIsInvalid) {
  const std::vector<std::pair<std::string, std::string>> bad{{"age", "0"},
                                                             {"age", "1e3"},
                                                             {"min", "-1"},
                                                             {"max", "9999999999999"},
                                                             {"hide", "all"},
                                                             {"hide", "archived,all"},
                                                             {"n", "7"},
                                                             {"moon", "1"}};
  for (const auto& [name, value] : bad) {
    const TrendsState state = ParseTrendsState({{name, value}});
    ASSERT_EQ(state.notices.size(), 1U) << name << "=" << value;
    EXPECT_EQ(state.notices[0].parameter, name);
    EXPECT_FALSE(state.age_days_max.has_value());
    EXPECT_FALSE(state.hide_archived);
    EXPECT_EQ(state.top_rows, 10);
  }
}

}  // namespace
}  // namespace stargaze::serve
