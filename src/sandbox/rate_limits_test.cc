#include "sandbox/rate_limits.h"

#include <gtest/gtest.h>

namespace stargaze::sandbox {
namespace {

const Instant kNow = *ParseInstant("2026-01-01T10:00:00.5Z");

int GrantedOf(
    RateLimits& limits, Resource resource, const std::string& caller, Instant now, int requests) {
  int granted = 0;
  for (int i = 0; i < requests; ++i) granted += limits.Take(resource, caller, now).granted;
  return granted;
}

TEST(RateLimits, GrantsThirtySearchesAMinuteWithATokenAndTenWithout) {
  RateLimits limits({});
  EXPECT_EQ(GrantedOf(limits, Resource::kSearch, "token", kNow, 50), 30);
  EXPECT_EQ(GrantedOf(limits, Resource::kSearch, "", kNow, 50), 10);
  EXPECT_EQ(GrantedOf(limits, Resource::kSearch, "other", kNow, 5), 5);  // Each token has its own.
}

TEST(RateLimits, TheWindowEndsWhenItsResetSaysAndNotBefore) {
  RateLimits limits({});
  const Quota first = limits.Take(Resource::kSearch, "t", kNow);
  EXPECT_EQ(first.limit, 30);
  EXPECT_EQ(first.used, 1);
  EXPECT_EQ(first.remaining(), 29);
  GrantedOf(limits, Resource::kSearch, "t", kNow, 29);
  const Instant reset{std::chrono::seconds(first.reset_seconds)};
  EXPECT_EQ(FormatInstant(reset), "2026-01-01T10:01:00.000000Z");
  const Quota refused = limits.Take(Resource::kSearch, "t", reset - std::chrono::microseconds(1));
  EXPECT_FALSE(refused.granted);
  EXPECT_EQ(refused.remaining(), 0);
  EXPECT_EQ(refused.reset_seconds, first.reset_seconds);
  const Quota next = limits.Take(Resource::kSearch, "t", reset);
  EXPECT_TRUE(next.granted);
  EXPECT_EQ(next.used, 1);
  EXPECT_EQ(next.reset_seconds, first.reset_seconds + 60);
}

TEST(RateLimits, CoreHasAnHourAndItsOwnCount) {
  RateLimits limits({});
  GrantedOf(limits, Resource::kSearch, "t", kNow, 30);
  EXPECT_EQ(GrantedOf(limits, Resource::kCore, "t", kNow, 5'100), 5'000);
  EXPECT_EQ(GrantedOf(limits, Resource::kCore, "", kNow, 100), 60);
  EXPECT_FALSE(limits.Take(Resource::kCore, "t", kNow + std::chrono::minutes(59)).granted);
  EXPECT_TRUE(limits.Take(Resource::kCore, "t", kNow + std::chrono::minutes(60)).granted);
}

TEST(RateLimits, ARefundGivesOneBackAndAPeekTakesNothing) {
  RateLimits limits({.core_per_hour = 2});
  EXPECT_EQ(limits.Peek(Resource::kCore, "t", kNow).used, 0);
  limits.Take(Resource::kCore, "t", kNow);
  limits.Take(Resource::kCore, "t", kNow);
  EXPECT_EQ(limits.Refund(Resource::kCore, "t", kNow).remaining(), 1);
  EXPECT_TRUE(limits.Take(Resource::kCore, "t", kNow).granted);
  EXPECT_FALSE(limits.Take(Resource::kCore, "t", kNow).granted);
}

TEST(RateLimits, ABlockRefusesEverythingOfOneCallerUntilItsEnd) {
  RateLimits limits({});
  limits.Block("t", kNow + std::chrono::seconds(60));
  limits.Block("t", kNow);  // An earlier end does not shorten it.
  const Quota refused = limits.Take(Resource::kCore, "t", kNow + std::chrono::seconds(59));
  EXPECT_FALSE(refused.granted);
  EXPECT_TRUE(refused.blocked);
  EXPECT_EQ(refused.used, 0);
  EXPECT_TRUE(limits.Take(Resource::kCore, "other", kNow).granted);
  EXPECT_TRUE(limits.Take(Resource::kCore, "t", kNow + std::chrono::seconds(60)).granted);
}

TEST(RateLimits, ManyCallersShareOneQuotaInTheEnd) {
  RateLimits limits({.core_per_hour = 1});
  for (int i = 0; i < 4'096; ++i) limits.Take(Resource::kCore, "caller" + std::to_string(i), kNow);
  EXPECT_TRUE(limits.Take(Resource::kCore, "late", kNow).granted);
  EXPECT_FALSE(limits.Take(Resource::kCore, "later", kNow).granted);
}

}  // namespace
}  // namespace stargaze::sandbox
