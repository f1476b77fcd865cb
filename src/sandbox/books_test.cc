// The world's books agree with themselves: single stars, totals, snapshots and releases tell the
// same story at every instant.

#include "sandbox/books.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <set>

#include "sandbox/mix.h"

namespace stargaze::sandbox {
namespace {

constexpr Day kStart = Day(std::chrono::year(2026) / 1 / 1);

std::unique_ptr<GeneratedWorld> Make(const GeneratedWorldOptions& options) {
  return GeneratedWorld::Create(options).value();
}

int64_t Total(const std::vector<StarDay>& days) {
  return std::accumulate(days.begin(), days.end(), int64_t{0}, [](int64_t sum, const StarDay& day) {
    return sum + day.gained;
  });
}

const std::vector<GeneratedWorldOptions>& Worlds() {
  static const std::vector<GeneratedWorldOptions> kWorlds{
      {.seed = 1, .repositories = 16},
      {.seed = 2, .repositories = 16, .days = DayBoundary::kPacific},
      {.seed = 3, .repositories = 8, .steps_per_day = 24, .days = DayBoundary::kPacific},
      {.seed = 4, .repositories = 16, .history_short = true, .shares = {.withheld = 0.3}},
      {.seed = 5, .repositories = 12, .steps_per_day = 4}};
  return kWorlds;
}

TEST(Books, TheDaysOfAHistoryAddUpToTheStarsOfTheSnapshot) {
  int64_t compared = 0;
  for (const GeneratedWorldOptions& options : Worlds()) {
    const auto world = Make(options);
    Books books(*world);
    Draws draws(options.seed, 77);
    for (const int64_t id : books.Ids()) {
      Instant instant(kStart - std::chrono::days(40));
      for (int reading = 0; reading < 8; ++reading) {
        instant += std::chrono::minutes(1 + draws.Below(uint64_t{60} * 24 * 100));
        const auto facts = books.FactsOf(id, instant);
        if (!facts) continue;
        const std::vector<StarDay> days = books.StarDaysOf(id, instant);
        for (const StarDay& day : days) EXPECT_GE(day.gained, 0);
        const int64_t missing = options.history_short && facts->stars > 0 ? 1 : 0;
        ASSERT_EQ(Total(days), facts->stars - missing)
            << world->name() << " " << id << " at " << FormatInstant(instant);
        ++compared;
      }
    }
  }
  EXPECT_GT(compared, 300);
}

TEST(Books, AReadingIsTheSameWhicheverReadingsCameBefore) {
  const auto world = Make(Worlds()[2]);
  Books forward(*world);
  Books jumping(*world);
  const int64_t id = forward.Ids()[7];
  for (const int day : {200, 3, 90, -100, 300}) {
    const Instant instant = Instant(kStart) + std::chrono::hours(day * 24 + 5);
    Books fresh(*world);
    const std::vector<StarDay> expected = fresh.StarDaysOf(id, instant);
    const std::vector<StarDay> got = jumping.StarDaysOf(id, instant);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) {
      EXPECT_EQ(got[i].day, expected[i].day);
      EXPECT_EQ(got[i].gained, expected[i].gained);
    }
  }
}

TEST(Books, WithdrawnStarsDisappearFromOldDays) {
  const auto world = Make({.seed = 6, .repositories = 80});
  Books books(*world);
  int64_t lowered = 0;
  int64_t raised = 0;
  int purges = 0;
  for (const int64_t id : books.Ids()) {
    std::map<Day, int64_t> before;
    for (const StarDay& day : books.StarDaysOf(id, Instant(kStart + std::chrono::days(100))))
      before[day.day] = day.gained;
    for (const StarDay& day : books.StarDaysOf(id, Instant(kStart + std::chrono::days(190)))) {
      if (day.day >= kStart + std::chrono::days(100) || !before.contains(day.day)) continue;
      lowered += std::max<int64_t>(0, before[day.day] - day.gained);
      raised += std::max<int64_t>(0, day.gained - before[day.day]);
      purges += before[day.day] - day.gained > 100 ? 1 : 0;
    }
  }
  EXPECT_GT(lowered, 300);
  EXPECT_EQ(raised, 0);  // A finished day only loses.
  EXPECT_GT(purges, 0);
}

TEST(Books, PacificDaysBeginSevenOrEightHoursLater) {
  const SourceDays days = SourceDays::Create(DayBoundary::kPacific).value();
  const auto date = [](std::string_view day) {
    return static_cast<int32_t>(ParseDay(day)->time_since_epoch().count());
  };
  for (const auto& [day, begin] : {std::pair{"2026-01-15", "2026-01-15T08:00:00Z"},
                                   std::pair{"2026-03-08", "2026-03-08T08:00:00Z"},
                                   std::pair{"2026-03-09", "2026-03-09T07:00:00Z"},
                                   std::pair{"2026-11-01", "2026-11-01T07:00:00Z"},
                                   std::pair{"2026-11-02", "2026-11-02T08:00:00Z"}}) {
    const Instant instant = *ParseInstant(begin);
    EXPECT_EQ(days.Begin(date(day)), instant);
    EXPECT_EQ(days.DateAt(instant), date(day));
    EXPECT_EQ(days.DateAt(instant - std::chrono::microseconds(1)), date(day) - 1);
  }
  EXPECT_EQ(WeekdayOf(date("2026-11-01")), 0);  // A Sunday.
  EXPECT_EQ(WeekdayOf(date("1969-12-31")), 3);
}

TEST(Books, BothBoundariesSpreadTheSameStarsOverOtherDays) {
  const auto utc = Make({.seed = 8, .repositories = 40, .steps_per_day = 24});
  const auto pacific =
      Make({.seed = 8, .repositories = 40, .steps_per_day = 24, .days = DayBoundary::kPacific});
  Books utc_books(*utc);
  Books pacific_books(*pacific);
  const Instant instant = Instant(kStart + std::chrono::days(50)) + std::chrono::hours(3);
  int different = 0;
  for (const int64_t id : utc_books.Ids()) {
    if (!utc_books.FactsOf(id, instant)) continue;
    const auto a = utc_books.StarDaysOf(id, instant);
    const auto b = pacific_books.StarDaysOf(id, instant);
    EXPECT_EQ(Total(a), Total(b));
    bool same = a.size() == b.size();
    for (std::size_t i = 0; same && i < a.size(); ++i) same = a[i].gained == b[i].gained;
    different += same ? 0 : 1;
  }
  EXPECT_GT(different, 30);
}

TEST(Books, ReleasesComeStayAndAreEditedButNeverMove) {
  const auto world = Make({.seed = 9, .repositories = 150});
  const Books books(*world);
  int prereleases = 0;
  int edits = 0;
  int late = 0;
  std::set<int64_t> ids;
  for (const int64_t id : books.Ids()) {
    const std::vector<Release> before =
        books.ReleasesOf(id, Instant(kStart + std::chrono::days(10)));
    const std::vector<Release> after =
        books.ReleasesOf(id, Instant(kStart + std::chrono::days(200)));
    std::map<int64_t, Release> by_id;
    std::set<std::string> tags;
    Instant newest = Instant::max();
    for (const Release& one : after) {
      EXPECT_TRUE(ids.insert(one.id).second);
      EXPECT_TRUE(tags.insert(one.Tag()).second);
      EXPECT_LE(one.created_at, newest);
      newest = one.created_at;
      EXPECT_LE(one.published_at, Instant(kStart + std::chrono::days(200)));
      EXPECT_LE(one.created_at, one.published_at);
      prereleases += one.prerelease ? 1 : 0;
      by_id[one.id] = one;
    }
    for (const Release& one : before) {
      ASSERT_TRUE(by_id.contains(one.id));
      edits += by_id[one.id].edited && !one.edited ? 1 : 0;
      EXPECT_EQ(by_id[one.id].Tag(), one.Tag());
    }
    Instant earliest_newer = Instant::max();  // Publication among those created later.
    for (const Release& one : after) {
      late += one.published_at > earliest_newer ? 1 : 0;
      earliest_newer = std::min(earliest_newer, one.published_at);
    }
  }
  EXPECT_GT(prereleases, 100);
  EXPECT_GT(edits, 5);
  EXPECT_GT(late, 100);  // Drafts that were published after newer ones.
}

TEST(Books, EveryStateOccursAndSomeComeBack) {
  constexpr int kDays = 450;  // Nothing happens after 400.
  constexpr int kEvery = 6;   // Who is away for less may be overlooked.
  const auto world =
      Make({.seed = 3, .repositories = 150, .shares = {.deleted = 0.1, .withheld = 0.5}});
  const Books books(*world);
  std::map<RepositoryState, int> seen;
  int returned = 0;
  for (const int64_t id : books.Ids()) {
    bool hidden = false;
    for (int day = 0; day < kDays; day += kEvery) {
      const RepositoryState state = books.StateOf(id, Instant(kStart + std::chrono::days(day)));
      ++seen[state];
      if (hidden && state == RepositoryState::kPublic) ++returned;
      hidden = state == RepositoryState::kPrivate || state == RepositoryState::kTakenDown;
    }
  }
  EXPECT_EQ(seen.size(), 6U);
  EXPECT_GT(returned, 10);
  EXPECT_EQ(books.StateOf(1, Instant(kStart)), RepositoryState::kUnknown);
}

TEST(Books, FactsAreThoseOfPublicRepositoriesOnly) {
  const auto world =
      Make({.seed = 3, .repositories = 60, .shares = {.deleted = 0.2, .withheld = 0.5}});
  const Books books(*world);
  int hidden = 0;
  for (const int64_t id : books.Ids()) {
    for (const int day : {0, 130, 260, 390}) {
      const Instant instant(kStart + std::chrono::days(day));
      const bool is_public = books.StateOf(id, instant) == RepositoryState::kPublic;
      EXPECT_EQ(books.FactsOf(id, instant).has_value(), is_public);
      hidden += is_public ? 0 : 1;
    }
  }
  EXPECT_GT(hidden, 10);
}

TEST(Books, ANameBeginsWhenTheWorldShowsIt) {
  const auto world = Make({.seed = 5, .repositories = 80, .shares = {.renamed = 1, .deleted = 0}});
  const Books books(*world);
  int changes = 0;
  for (const int64_t id : books.Ids()) {
    const auto names = books.NamesOf(id);
    for (std::size_t i = 1; i < names.size(); ++i) {
      const auto before = books.FactsOf(id, names[i].first - std::chrono::seconds(1));
      const auto then = books.FactsOf(id, names[i].first);
      if (!before || !then) continue;  // Away at the time.
      EXPECT_EQ(before->full_name, names[i - 1].second);
      EXPECT_EQ(then->full_name, names[i].second);
      ++changes;
    }
  }
  EXPECT_GT(changes, 40);
}

TEST(Books, SharesSayHowManyMove) {
  const auto count = [](const EventShares& shares) {
    const auto world = Make({.seed = 11, .repositories = 200, .shares = shares});
    const Books books(*world);
    const Instant end(kStart + std::chrono::days(401));
    std::array<int, 2> moved_and_deleted{};
    for (const int64_t id : books.Ids()) {
      moved_and_deleted[0] += books.NamesOf(id).size() > 1 ? 1 : 0;
      moved_and_deleted[1] += books.StateOf(id, end) == RepositoryState::kDeleted ? 1 : 0;
    }
    return moved_and_deleted;
  };
  EXPECT_EQ(count({.renamed = 0, .transferred = 0, .deleted = 0}), (std::array{0, 0}));
  EXPECT_EQ(count({.renamed = 1, .transferred = 0, .deleted = 1})[0], 200);
  EXPECT_EQ(count({.renamed = 0, .transferred = 1, .deleted = 0})[0], 200);
  EXPECT_GE(count({.renamed = 0, .transferred = 0, .deleted = 1})[1], 195);
}

}  // namespace
}  // namespace stargaze::sandbox
