#include "orchestrate/retry.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace stargaze::orchestrate {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

constexpr Instant kMidnight{std::chrono::sys_days(std::chrono::year(2026) / 9 / 1)};

model::DagTask Task(const std::string& id, seconds delay, bool exponential) {
  model::DagTask task;
  task.id = id;
  task.retry_delay = delay;
  task.retry_exponential_backoff = exponential;
  return task;
}

struct Backoff {
  std::string dag;
  std::string task;
  seconds delay;
  Instant date;
  int number;
  seconds expected;
};

// Computed by Python's hashlib as Airflow computes them.
TEST(RetryDelay, IsAirflowsToTheSecond) {
  const std::vector<Backoff> cases{
      {"d", "t", seconds(300), kMidnight, 1, seconds(544)},
      {"d", "t", seconds(300), kMidnight, 2, seconds(1002)},
      {"d", "t", seconds(300), kMidnight, 4, seconds(3705)},
      {"github",
       "collect.repos",
       seconds(300),
       kMidnight + std::chrono::milliseconds(45'000'250),
       3,
       seconds(2331)},
      {"d", "t", seconds(0), kMidnight, 1, seconds(1)},
      {"d", "t", seconds(300), kMidnight, 12, hours(24)},
  };
  for (const Backoff& one : cases)
    EXPECT_EQ(RetryDelay(Task(one.task, one.delay, true), one.dag, one.date, one.number),
              one.expected)
        << one.dag << " " << one.task << " " << one.number;
}

TEST(RetryDelay, IsTheSameEachTimeAndAnotherForEachTask) {
  const auto delay = [](const std::string& id) {
    return RetryDelay(Task(id, seconds(300), true), "d", kMidnight, 3);
  };
  EXPECT_EQ(delay("a"), delay("a"));
  EXPECT_NE(delay("a"), delay("b"));
}

TEST(RetryDelay, StaysBetweenItsBoundsAtEveryTry) {
  for (int number = 1; number <= 60; ++number) {
    const seconds delay = RetryDelay(Task("t", seconds(10), true), "d", kMidnight, number);
    const int64_t least = std::min<int64_t>(int64_t{10} << std::min(number - 1, 20), 86'400);
    EXPECT_GE(delay.count(), least) << number;
    EXPECT_LE(delay.count(), std::min<int64_t>(2 * least, 86'400)) << number;
  }
}

TEST(RetryDelay, IsCutByItsMaximumAndConstantWithoutBackoff) {
  model::DagTask task = Task("t", seconds(300), true);
  task.max_retry_delay = seconds(400);
  EXPECT_EQ(RetryDelay(task, "d", kMidnight, 1), seconds(400));
  for (int number = 1; number < 5; ++number)
    EXPECT_EQ(RetryDelay(Task("t", seconds(300), false), "d", kMidnight, number), seconds(300));
}

}  // namespace
}  // namespace stargaze::orchestrate
