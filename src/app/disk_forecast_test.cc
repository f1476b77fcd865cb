#include "app/disk_forecast.h"

#include <gtest/gtest.h>

#include <chrono>

namespace stargaze::app {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr int64_t kGigabyte = 1'000'000'000;

TEST(DiskForecast, SaysNothingUntilItHasSeenSomeTime) {
  DiskForecast forecast("/");
  EXPECT_FALSE(forecast.DaysLeft(Instant(hours(1)), 10 * kGigabyte));
  EXPECT_FALSE(forecast.DaysLeft(Instant(hours(1) + minutes(5)), 9 * kGigabyte));
}

TEST(DiskForecast, DividesWhatIsLeftByHowFastItGoes) {
  DiskForecast forecast("/");
  (void)forecast.DaysLeft(Instant(), 12 * kGigabyte);
  const auto days = forecast.DaysLeft(Instant(hours(12)), 10 * kGigabyte);  // 4 GB a day.
  ASSERT_TRUE(days);
  EXPECT_NEAR(*days, 2.5, 0.02);
}

TEST(DiskForecast, IsSilentWhileRoomGrows) {
  DiskForecast forecast("/");
  (void)forecast.DaysLeft(Instant(), 5 * kGigabyte);
  EXPECT_FALSE(forecast.DaysLeft(Instant(hours(1)), 6 * kGigabyte));
}

TEST(DiskForecast, IsZeroWhenHardlyAnyIsLeft) {
  DiskForecast forecast("/");
  const auto days = forecast.DaysLeft(Instant(), 1'000'000);
  ASSERT_TRUE(days);
  EXPECT_EQ(*days, 0);
}

TEST(DiskForecast, ForgetsWhatIsOlderThanADay) {
  DiskForecast forecast("/");
  (void)forecast.DaysLeft(Instant(), 100 * kGigabyte);
  (void)forecast.DaysLeft(Instant(hours(20)), 10 * kGigabyte);
  EXPECT_FALSE(
      forecast.DaysLeft(Instant(hours(30)), 10 * kGigabyte));  // Full for ten hours, no more.
}

}  // namespace
}  // namespace stargaze::app
