#include "collect/governor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <deque>
#include <random>
#include <sstream>
#include <thread>

#include "base/testing/hand_clock.h"
#include "base/virtual_clock.h"

namespace stargaze::collect {
namespace {

using std::chrono::hours;
using std::chrono::microseconds;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const Instant kStart = *ParseInstant("2026-09-01T12:00:00Z");

int64_t Epoch(Instant instant) {
  return std::chrono::floor<seconds>(instant).time_since_epoch().count();
}

net::HttpResponse Answer(int status,
                         const std::vector<std::pair<std::string, std::string>>& headers,
                         std::string body = "") {
  net::HttpResponse response{.status = status, .body = std::move(body)};
  for (const auto& [name, value] : headers) response.headers.Add(name, value);
  return response;
}

net::HttpResponse Counted(int64_t limit, int64_t remaining, Instant reset, int status = 200) {
  return Answer(status,
                {{"x-ratelimit-limit", std::to_string(limit)},
                 {"x-ratelimit-remaining", std::to_string(remaining)},
                 {"x-ratelimit-reset", std::to_string(Epoch(reset))}});
}

Ask Core(Priority priority = Priority::kDaily, Instant deadline = kStart + hours(100)) {
  return {.key = {"me", "core"}, .priority = priority, .deadline = deadline};
}

// status | retry-after | remaining | reset in s | body -> refused | seconds until the next grant.
// "-": absent. Another resource of the same identity is asked after it: `all` when it waits too.
constexpr std::string_view kTable = R"(
200 - 50 600 -                       -> no  0    one
304 - 50 600 -                       -> no  0    one
404 - 50 600 -                       -> no  0    one
200 - 0  600 -                       -> no  601  one
200 - -  -   -                       -> no  0    one
403 - 50 600 Resource_not_accessible -> no  0    one
403 - -  -   -                       -> no  0    one
403 - 0  600 -                       -> yes 601  one
429 - 0  600 -                       -> yes 601  one
403 30 0 600 -                       -> yes 601  one
403 30 50 600 -                      -> yes 30   all
429 30 50 600 -                      -> yes 30   all
429 30 - -   -                       -> yes 30   all
403 DATE+45 50 600 -                 -> yes 45   all
403 0 50 600 -                       -> yes 1    all
403 - 50 600 secondary_rate_limit    -> yes 60   all
403 - -  -   abuse_detection         -> yes 60   all
429 - 50 600 -                       -> yes 60   all
429 - -  -   -                       -> yes 60   all
429 soon 50 600 -                    -> yes 60   all
429 -5 50 600 -                      -> yes 60   all
403 999999999 50 600 -               -> yes 86400 all
200 - 0  999999999 -                 -> no  3661 one
200 - 0  -60 -                       -> no  1    one
)";

TEST(GovernorTest, ReadsEveryCombinationOfHeaders) {
  std::istringstream table{std::string(kTable)};
  std::string line;
  int rows = 0;
  while (std::getline(table, line)) {
    if (line.empty()) continue;
    std::istringstream words(line);
    std::string status, retry_after, remaining, reset, body, arrow, refused, scope;
    int64_t wait = 0;
    words >> status >> retry_after >> remaining >> reset >> body >> arrow >> refused >> wait >>
        scope;
    ASSERT_FALSE(words.fail()) << line;
    ++rows;
    VirtualClock clock(kStart);
    const VirtualClock::Actor actor(clock);
    Governor governor(clock);
    net::HttpResponse response = Answer(std::stoi(status), {});
    // The source's clock is ten minutes ahead of ours: only differences of its own count.
    const Instant theirs = kStart + minutes(10);
    response.headers.Add("date", FormatHttpDate(theirs));
    if (retry_after == "DATE+45")
      response.headers.Add("retry-after", FormatHttpDate(theirs + seconds(45)));
    else if (retry_after != "-")
      response.headers.Add("retry-after", retry_after);
    if (remaining != "-") {
      response.headers.Add("x-ratelimit-limit", "5000");
      response.headers.Add("x-ratelimit-remaining", remaining);
    }
    if (reset != "-")
      response.headers.Add("x-ratelimit-reset", std::to_string(Epoch(theirs) + std::stoll(reset)));
    std::replace(body.begin(), body.end(), '_', ' ');
    if (body != "-") response.body = "{\"message\":\"" + body + "\"}";

    auto first = governor.Acquire(Core(Priority::kWatchlist), {});
    EXPECT_EQ(std::move(first).value().Settle(response).refused, refused == "yes") << line;
    Ask other = Core(Priority::kWatchlist, kStart);
    other.key.resource = "search";
    EXPECT_EQ(governor.Acquire(other, {}).ok(), scope == "one") << line;
    auto next = governor.Acquire(Core(Priority::kWatchlist), {});
    ASSERT_TRUE(next.ok()) << line;
    EXPECT_EQ((clock.Now() - kStart) / seconds(1), wait) << line;
    std::move(next).value().NotSent();
  }
  EXPECT_EQ(rows, 24);
}

TEST(GovernorTest, WaitsLongerEachTimeAndStartsAnewAfterAnAnswer) {
  VirtualClock clock(kStart);
  const VirtualClock::Actor actor(clock);
  Governor governor(clock);
  std::vector<int64_t> waits;
  for (int i = 0; i < 9; ++i) {
    const Instant before = clock.Now();
    Grant grant = governor.Acquire(Core(), {}).value();
    waits.push_back((clock.Now() - before) / seconds(1));
    (void)grant.Settle(i == 7 ? Answer(200, {}) : Answer(429, {}));
  }
  (void)governor.Acquire(Core(), {}).value();
  EXPECT_THAT(waits, testing::ElementsAre(0, 60, 120, 240, 480, 960, 1920, 3600, 0));
}

TEST(GovernorTest, SeesGraphqlsRefusalsButNotItsData) {
  const net::HttpResponse refused =
      Answer(200, {}, R"({"errors":[{"type":"RATE_LIMITED","message":"API rate limit"}]})");
  EXPECT_NE(ReadRateAnswer(refused, "graphql", kStart).refusal, Refusal::kNone);
  EXPECT_EQ(ReadRateAnswer(refused, "core", kStart).refusal, Refusal::kNone);
  const net::HttpResponse data =
      Answer(200, {}, R"({"data":{"a":{"description":"secondary rate limit"}},"errors":[]})");
  EXPECT_EQ(ReadRateAnswer(data, "graphql", kStart).refusal, Refusal::kNone);
}

TEST(GovernorTest, SaysWhenTheDeadlineComesFirst) {
  VirtualClock clock(kStart);
  const VirtualClock::Actor actor(clock);
  Governor governor(clock);
  (void)governor.Acquire(Core(), {}).value().Settle(Counted(5000, 0, kStart + minutes(30)));
  const auto late = governor.Acquire(Core(Priority::kDaily, kStart + minutes(1)), {});
  EXPECT_EQ(late.error().kind(), ErrorKind::kRateLimited);
  EXPECT_EQ(late.error().retry_after(), seconds(1801));
  EXPECT_EQ(clock.Now(), kStart);
  std::stop_source stop;
  stop.request_stop();
  EXPECT_EQ(governor.Acquire(Core(), stop.get_token()).error().kind(), ErrorKind::kCancelled);
}

TEST(GovernorTest, KeepsTheReserveOfThoseWhoAreMoreImportant) {
  VirtualClock clock(kStart);
  const VirtualClock::Actor actor(clock);
  Governor governor(clock, {.rest_points_per_minute = 1'000'000});
  int64_t remaining = 1000;
  (void)governor.Acquire(Core(), {}).value().Settle(Counted(1000, remaining, kStart + hours(1)));
  const auto drain = [&](Priority priority) {
    int64_t got = 0;
    while (true) {
      auto grant = governor.Acquire(Core(priority, clock.Now()), {});
      if (!grant.ok()) return got;
      ++got;
      (void)std::move(grant).value().Settle(Counted(1000, --remaining, kStart + hours(1)));
    }
  };
  const int64_t backfill = drain(Priority::kBackfill);
  EXPECT_NEAR(static_cast<double>(backfill), 400, 5);  // 10 % and 50 % are kept from it.
  const int64_t daily = drain(Priority::kDaily);
  EXPECT_NEAR(static_cast<double>(daily), 500, 5);  // 10 % are kept from it.
  const int64_t watchlist = drain(Priority::kWatchlist);
  EXPECT_NEAR(static_cast<double>(watchlist), 100, 5);
  EXPECT_EQ(remaining, 0);
}

TEST(GovernorTest, RefundsA304AndCountsWhatWasLost) {
  VirtualClock clock(kStart);
  const VirtualClock::Actor actor(clock);
  Governor governor(clock);
  const Instant reset = kStart + hours(1);
  (void)governor.Acquire(Core(), {}).value().Settle(Counted(5000, 2, reset));
  for (int i = 0; i < 10; ++i)
    (void)governor.Acquire(Core(Priority::kWatchlist), {}).value().Settle(Answer(304, {}));
  governor.Acquire(Core(Priority::kWatchlist), {}).value().NotSent();
  { const Grant lost = governor.Acquire(Core(Priority::kWatchlist), {}).value(); }
  { const Grant lost = governor.Acquire(Core(Priority::kWatchlist), {}).value(); }
  EXPECT_EQ(clock.Now(), kStart);
  EXPECT_FALSE(governor.Acquire(Core(Priority::kWatchlist, kStart), {}).ok());
}

TEST(GovernorTest, CountsWhatWasLostAfterAnEarlierAnswerWasGiven) {
  VirtualClock clock(kStart);
  Governor governor(clock);
  const auto left = [](int64_t count) { return Counted(5000, count, kStart + minutes(30)); };
  (void)governor.Acquire(Core(Priority::kWatchlist), {}).value().Settle(left(3));
  Grant first = governor.Acquire(Core(Priority::kWatchlist), {}).value();
  Grant second = governor.Acquire(Core(Priority::kWatchlist), {}).value();
  { const Grant lost = governor.Acquire(Core(Priority::kWatchlist), {}).value(); }
  (void)second.Settle(left(1));  // They overtake each other: of the three, the lost one came last.
  (void)first.Settle(left(2));
  EXPECT_FALSE(governor.Acquire(Core(Priority::kWatchlist, kStart), {}).ok());
}

TEST(GovernorTest, SurvivesAClockThatJumps) {
  HandClock clock(kStart);
  Governor governor(clock);
  (void)governor.Acquire(Core(), {}).value().Settle(Counted(5000, 0, kStart + minutes(30)));
  clock.Set(clock.Now() - hours(10));
  const auto early = governor.Acquire(Core(Priority::kDaily, clock.Now()), {});
  EXPECT_EQ(early.error().retry_after(), seconds(1801));
  clock.Set(clock.Now() +
            hours(20));  // The window seems over: one goes ahead, the others wait for it.
  Grant probe = governor.Acquire(Core(Priority::kDaily, clock.Now()), {}).value();
  EXPECT_FALSE(governor.Acquire(Core(Priority::kDaily, clock.Now()), {}).ok());
  net::HttpResponse still = Counted(5000, 0, kStart + minutes(30), 403);
  still.headers.Add("date", FormatHttpDate(kStart + minutes(1)));
  EXPECT_TRUE(probe.Settle(still).refused);
  const auto later = governor.Acquire(Core(Priority::kDaily, clock.Now()), {});
  EXPECT_EQ(later.error().retry_after(), seconds(29 * 60 + 1));
}

TEST(GovernorTest, GoesOnInsideAWindowAfterARestart) {
  HandClock clock(kStart);
  std::string state;
  {
    Governor governor(clock, {.rest_points_per_minute = 20});
    for (int i = 0; i < 15; ++i)
      (void)governor.Acquire(Core(Priority::kWatchlist), {})
          .value()
          .Settle(Counted(5000, 40 - i, kStart + minutes(30)));
    const Grant under_way = governor.Acquire(Core(Priority::kWatchlist), {}).value();
    state = governor.Snapshot();
  }
  Governor next(clock, {.rest_points_per_minute = 20});
  ASSERT_TRUE(next.Restore(state).ok());
  for (int i = 0; i < 4; ++i)
    (void)next.Acquire(Core(Priority::kWatchlist, clock.Now()), {}).value().Settle(Answer(304, {}));
  EXPECT_FALSE(next.Acquire(Core(Priority::kWatchlist, clock.Now()), {}).ok());
  EXPECT_EQ(next.Restore("governor 1\nwindow x").error().kind(), ErrorKind::kCorrupt);
  EXPECT_EQ(next.Restore("{}").error().kind(), ErrorKind::kCorrupt);
}

// A source with books of its own, which are what is compared.
struct Source {
  std::mutex mutex;
  int64_t limit = 300;
  int64_t used = 0;
  Instant window_end = kStart + minutes(20);
  int concurrent = 0;
  int concurrent_most = 0;
  int64_t served = 0;
  int64_t over_limit = 0;
  int64_t minute_most = 0;
  std::deque<Instant> last_minute;

  net::HttpResponse Serve(Instant now, uint64_t draw) {
    const std::lock_guard lock(mutex);
    while (now >= window_end) {
      window_end += minutes(20);
      used = 0;
    }
    ++served;
    last_minute.push_back(now);
    while (last_minute.front() + seconds(60) <= now) last_minute.pop_front();
    minute_most = std::max(minute_most, static_cast<int64_t>(last_minute.size()));
    const bool unchanged = draw % 10 < 3;
    if (!unchanged && used >= limit) {
      ++over_limit;
      return Counted(limit, 0, window_end, draw % 2 == 0 ? 403 : 429);
    }
    if (!unchanged) ++used;
    if (draw % 97 == 0) return Answer(429, {{"retry-after", "7"}});
    if (draw % 101 == 0) return Answer(502, {});
    return Counted(limit, limit - used, window_end, unchanged ? 304 : 200);
  }
};

TEST(GovernorTest, ExceedsNoLimitWhateverTheAnswers) {
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    VirtualClock clock(kStart);
    Governor governor(clock, {.concurrent = 6, .rest_points_per_minute = 40});
    Source source;
    std::atomic<int> ready = 0;
    {
      std::vector<std::jthread> threads;
      for (uint64_t t = 0; t < 8; ++t) {
        threads.emplace_back([&, t] {
          const VirtualClock::Actor actor(clock);
          for (++ready; ready < 8;) std::this_thread::yield();
          std::mt19937_64 random(seed * 100 + t);
          for (int i = 0; i < 150; ++i) {
            auto grant = governor.Acquire(Core(static_cast<Priority>(random() % 3)), {});
            ASSERT_TRUE(grant.ok()) << grant.error().message();
            {
              const std::lock_guard lock(source.mutex);
              source.concurrent_most = std::max(source.concurrent_most, ++source.concurrent);
            }
            const net::HttpResponse answer = source.Serve(clock.Now(), random());
            (void)clock.SleepUntil(clock.Now() + milliseconds(20 + random() % 400), {});
            {
              const std::lock_guard lock(source.mutex);
              --source.concurrent;
            }
            if (random() % 50 != 0) (void)grant.value().Settle(answer);
          }
        });
      }
    }
    EXPECT_EQ(source.served, 8 * 150) << seed;
    EXPECT_EQ(source.over_limit, 0) << seed;
    EXPECT_LE(source.minute_most, 40) << seed;
    EXPECT_LE(source.concurrent_most, 6) << seed;
  }
}

}  // namespace
}  // namespace stargaze::collect
