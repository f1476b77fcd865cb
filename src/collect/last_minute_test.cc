#include "collect/last_minute.h"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace stargaze::collect {
namespace {

using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;

SpentSums SumsOf(const std::vector<Spent>& all, Instant now, microseconds kept) {
  SpentSums sums;
  for (const Spent& spent : all)
    if (spent.at + kept > now) sums.Add(spent);
  return sums;
}

// Against a plain list: never less than what was spent in the last minute, never more than in a
// tenth of a second longer.
TEST(LastMinuteTest, SumsAreThoseOfTheList) {
  std::mt19937 random(7);
  std::vector<Spent> all;
  LastMinute last;
  Instant now{std::chrono::hours(500'000)};
  for (int i = 0; i < 20'000; ++i) {
    now += milliseconds(random() % 40);
    const Spent spent{.at = now,
                      .points = static_cast<int64_t>(random() % 6),
                      .cpu_ms = static_cast<int64_t>(random() % 900),
                      .graphql = random() % 3 == 0};
    last.Add(spent);
    all.push_back(spent);
    last.Forget(now);
    const SpentSums least = SumsOf(all, now, minutes(1));
    const SpentSums most = SumsOf(all, now, minutes(1) + milliseconds(100));
    ASSERT_GE(last.sums().rest_points, least.rest_points);
    ASSERT_LE(last.sums().rest_points, most.rest_points);
    ASSERT_GE(last.sums().graphql_points, least.graphql_points);
    ASSERT_LE(last.sums().graphql_points, most.graphql_points);
    ASSERT_GE(last.sums().cpu_ms, least.cpu_ms);
    ASSERT_LE(last.sums().cpu_ms, most.cpu_ms);
    ASSERT_GE(last.sums().graphql_cpu_ms, least.graphql_cpu_ms);
    ASSERT_LE(last.sums().graphql_cpu_ms, most.graphql_cpu_ms);
    ASSERT_LE(last.entries().size(), 1'202U);
  }
  last.Forget(now + minutes(1));
  EXPECT_TRUE(last.entries().empty());
  EXPECT_EQ(last.sums().cpu_ms, 0);
}

TEST(LastMinuteTest, AClockThatGoesBackTakesItAlong) {
  LastMinute last;
  const Instant noon{std::chrono::hours(500'000)};
  last.Add({.at = noon, .points = 3});
  last.MoveBack(std::chrono::hours(1));
  last.Forget(noon - std::chrono::hours(1) + minutes(1));
  EXPECT_TRUE(last.entries().empty());
  EXPECT_EQ(last.sums().rest_points, 0);
}

}  // namespace
}  // namespace stargaze::collect
