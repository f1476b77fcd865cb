#include "serve/data_lag.h"

#include <gtest/gtest.h>

namespace stargaze::serve {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr Instant kNoon{std::chrono::sys_days(std::chrono::year(2026) / 9 / 1) +
                        std::chrono::hours(12)};

TEST(DataLag, IsFromTheNewestAnswerToThePublicationThatShowsIt) {
  DataLag lag;
  lag.Note({{"github/repository", kNoon}}, kNoon + seconds(90));
  EXPECT_EQ(lag.Of("github/repository"), seconds(90));
  EXPECT_FALSE(lag.Of("github/release").has_value());

  // Published again for another dataset's sake: this one was on the chart already.
  lag.Note({{"github/repository", kNoon}, {"github/release", kNoon + minutes(59)}},
           kNoon + minutes(60));
  EXPECT_EQ(lag.Of("github/repository"), seconds(90));
  EXPECT_EQ(lag.Of("github/release"), minutes(1));

  lag.Note({{"github/repository", kNoon + minutes(120)}}, kNoon + minutes(124));
  EXPECT_EQ(lag.All(),
            (std::map<std::string, seconds>{{"github/repository", minutes(4)},
                                            {"github/release", minutes(1)}}));
}

TEST(DataLag, IsNeverBelowZero) {
  DataLag lag;
  lag.Note({{"github/repository", kNoon + seconds(1)}}, kNoon);
  EXPECT_EQ(lag.Of("github/repository"), seconds(0));
}

}  // namespace
}  // namespace stargaze::serve
