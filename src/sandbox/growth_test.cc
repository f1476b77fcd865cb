#include "sandbox/growth.h"

#include <gtest/gtest.h>

namespace stargaze::sandbox {
namespace {

int64_t Stars(const Curve& curve, double day) {
  return StarsAt(curve, day, WeeklyRhythm(day));
}
int64_t Forks(const Curve& curve, double day) {
  return ForksAt(curve, day, WeeklyRhythm(day));
}

TEST(Growth, AnEstablishedRepositoryHasItsStarsOnDayZeroAndGrewUpToThem) {
  const Curve curve{.birth_day = -100, .stars_at_start = 1'000, .stars_per_day = 3};
  EXPECT_EQ(Stars(curve, 0), 1'000);
  EXPECT_NEAR(static_cast<double>(Stars(curve, -50)), 500, 10);
  EXPECT_EQ(Stars(curve, -101), 0);
  EXPECT_EQ(Stars(curve, 70), 1'210);  // Ten whole weeks: the rhythm is back where it was.
}

TEST(Growth, ANewcomerHasNothingBeforeItsBirth) {
  const Curve curve{.birth_day = 10, .stars_per_day = 5};
  EXPECT_EQ(Stars(curve, 9.99), 0);
  EXPECT_EQ(Stars(curve, 10), 0);
  EXPECT_EQ(Stars(curve, 24), 70);
}

TEST(Growth, ABoughtStepIsAJumpThatForksDoNotFollow) {
  const Curve curve{.kind = CurveKind::kBought,
                    .birth_day = -10,
                    .stars_at_start = 1'000,
                    .bought_stars = 5'000,
                    .bought_day = 30.25,
                    .purged_stars = 2'000,
                    .purged_day = 60.25,
                    .fork_ratio = 0.5};
  EXPECT_EQ(Stars(curve, 30), 1'000);
  EXPECT_EQ(Stars(curve, 31), 6'000);
  EXPECT_EQ(Stars(curve, 60), 6'000);
  EXPECT_EQ(Stars(curve, 61), 4'000);
  EXPECT_EQ(Forks(curve, 31), 500);
}

TEST(Growth, AViralRepositoryGetsAlmostAllItsStarsAroundItsDay) {
  const Curve curve{.kind = CurveKind::kViral,
                    .birth_day = -10,
                    .viral_stars = 10'000,
                    .viral_day = 50,
                    .viral_days = 4};
  EXPECT_LT(Stars(curve, 20), 10);
  EXPECT_NEAR(static_cast<double>(Stars(curve, 50)), 5'000, 1);
  EXPECT_GT(Stars(curve, 80), 9'990);
}

TEST(Growth, WithdrawnStarsAreDropsAtRegularDays) {
  const Curve curve{.kind = CurveKind::kStale,
                    .birth_day = -10,
                    .stars_at_start = 100,
                    .withdrawn_stars = 30,
                    .withdrawn_every_days = 10};
  EXPECT_EQ(Stars(curve, 9), 100);
  EXPECT_EQ(Stars(curve, 10), 70);
  EXPECT_EQ(Stars(curve, 20), 40);
  EXPECT_EQ(Stars(curve, 100), 0);  // Never below zero.
}

TEST(Growth, ASwingChangesTheRateAndNotTheLongRun) {
  const Curve curve{.birth_day = -10, .stars_per_day = 100, .swing = 0.8, .swing_days = 70};
  EXPECT_EQ(Stars(curve, 70), 7'000);
  EXPECT_GT(Stars(curve, 35), 3'700);  // The first half of the period is the fast one.
}

}  // namespace
}  // namespace stargaze::sandbox
