#include "warehouse/answer_cache.h"

#include <gtest/gtest.h>

namespace stargaze::warehouse {
namespace {

storage::SqlRows Answer(int64_t value) {
  storage::SqlRows rows;
  rows.rows = {{value}};
  return rows;
}

TEST(AnswerCache, ForgetsWhatWasNotAskedForTheLongest) {
  AnswerCache cache(2);
  cache.Remember("a", Answer(1));
  cache.Remember("b", Answer(2));
  ASSERT_TRUE(cache.Find("a").has_value());
  cache.Remember("c", Answer(3));
  EXPECT_FALSE(cache.Find("b").has_value());
  EXPECT_EQ(cache.Find("a")->Integer(0, 0), 1);
  EXPECT_EQ(cache.Find("c")->Integer(0, 0), 3);
}

TEST(AnswerCache, ReplacesAnAnswerInItsPlace) {
  AnswerCache cache(2);
  cache.Remember("a", Answer(1));
  cache.Remember("b", Answer(2));
  cache.Remember("a", Answer(4));
  cache.Remember("c", Answer(3));
  EXPECT_EQ(cache.Find("a")->Integer(0, 0), 4);
  EXPECT_FALSE(cache.Find("b").has_value());
}

}  // namespace
}  // namespace stargaze::warehouse
