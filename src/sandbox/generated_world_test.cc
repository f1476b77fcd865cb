#include "sandbox/generated_world.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <set>
#include <unordered_set>

#include "sandbox/ascii.h"

namespace stargaze::sandbox {
namespace {

constexpr Day kStart = Day(std::chrono::year(2026) / 1 / 1);

std::unique_ptr<GeneratedWorld> Make(const GeneratedWorldOptions& options) {
  auto world = GeneratedWorld::Create(options);
  EXPECT_TRUE(world.ok());
  return std::move(world).value();
}

std::shared_ptr<const Snapshot> AtDay(World& world, int day) {
  return world.At(kStart + std::chrono::days(day) + std::chrono::hours(12)).value();
}

std::vector<std::string> Describe(const Snapshot& snapshot) {
  std::vector<std::string> lines;
  for (const Repository& one : snapshot.repositories) {
    lines.push_back(one.name->full_name + " " + std::to_string(one.profile->id) + " " +
                    std::to_string(one.stars) + " " + std::to_string(one.forks) + " " +
                    FormatInstant(one.pushed_at) + " " + one.profile->description.value_or("-"));
  }
  return lines;
}

TEST(GeneratedWorld, TheSeedAndTheInstantDecideEverything) {
  const GeneratedWorldOptions options{.seed = 5, .repositories = 300};
  const auto world = Make(options);
  const auto other = Make(options);
  AtDay(*other, 90);  // The order of questions changes nothing.
  AtDay(*other, 3);
  EXPECT_EQ(Describe(*AtDay(*world, 40)), Describe(*AtDay(*other, 40)));
  EXPECT_NE(Describe(*AtDay(*world, 40)),
            Describe(*AtDay(*Make({.seed = 6, .repositories = 300}), 40)));
}

TEST(GeneratedWorld, ValuesHoldForAStepAndThenChange) {
  const auto daily = Make({.repositories = 100});
  EXPECT_EQ(daily->At(kStart).value(), daily->At(kStart + std::chrono::hours(23)).value());
  EXPECT_EQ(AtDay(*daily, 4)->since, Instant(kStart + std::chrono::days(4)));
  const auto hourly = Make({.repositories = 100, .steps_per_day = 24});
  EXPECT_EQ(hourly->At(kStart + std::chrono::minutes(61)).value()->since,
            Instant(kStart + std::chrono::hours(1)));
  EXPECT_NE(Describe(*hourly->At(kStart).value()),
            Describe(*hourly->At(kStart + std::chrono::hours(9)).value()));
}

TEST(GeneratedWorld, StartsWithAsManyAsAskedMostOfThemFoundByAThousandStars) {
  const auto world = Make({.repositories = 1'000});
  const auto snapshot = world->At(kStart).value();
  ASSERT_EQ(snapshot->repositories.size(), 1'000U);
  const auto is_found = [](const Repository& one) { return one.stars >= 1'000; };
  EXPECT_GT(std::ranges::count_if(snapshot->repositories, is_found), 920);
  const auto by_forks_only = [](const Repository& one) {
    return one.stars < 1'000 && one.forks >= 200;
  };
  EXPECT_GT(std::ranges::count_if(snapshot->repositories, by_forks_only), 20);
  std::set<const License*> licenses;
  for (const Repository& one : snapshot->repositories) {
    EXPECT_LE(one.profile->created_at, snapshot->since);
    EXPECT_LE(one.pushed_at, snapshot->since);
    EXPECT_GE(one.pushed_at, one.profile->created_at);
    licenses.insert(one.profile->license);
  }
  EXPECT_TRUE(licenses.contains(nullptr));
  EXPECT_GE(licenses.size(), 10U);
}

TEST(GeneratedWorld, NamesAreUniqueAtEveryInstantWhileIdsStay) {
  const auto world = Make({.repositories = 1'000});
  std::map<int64_t, std::set<std::string>> names_of;
  for (int day = 0; day <= 400; day += 20) {
    std::unordered_set<std::string> names;
    int64_t last_id = 0;
    for (const Repository& one : AtDay(*world, day)->repositories) {
      EXPECT_TRUE(names.insert(Lower(one.name->full_name)).second) << one.name->full_name;
      EXPECT_GT(one.profile->id, last_id);
      last_id = one.profile->id;
      names_of[one.profile->id].insert(one.name->full_name);
    }
  }
  int renamed = 0;
  int transferred = 0;
  for (const auto& [id, names] : names_of) {
    EXPECT_LE(names.size(), 2U);
    if (names.size() < 2) continue;
    ++renamed;
    const auto owner = [](const std::string& name) { return name.substr(0, name.find('/')); };
    transferred += owner(*names.begin()) != owner(*names.rbegin());
  }
  EXPECT_GT(renamed, 40);
  EXPECT_GT(transferred, 5);
}

TEST(GeneratedWorld, NewcomersAppearSomeAreDeletedAndTheirNamesTakenByOthers) {
  const auto world = Make({.repositories = 1'000});
  const auto first = AtDay(*world, 0);
  const auto later = AtDay(*world, 400);
  std::map<std::string, int64_t> gone;
  for (const Repository& one : AtDay(*world, 5)->repositories) {
    if (later->Find(one.profile->id) == nullptr) gone[one.name->full_name] = one.profile->id;
  }
  EXPECT_GE(gone.size(), 3U);
  int newcomers = 0;
  for (const Repository& one : later->repositories)
    newcomers += first->Find(one.profile->id) == nullptr;
  EXPECT_NEAR(newcomers, 320, 5);
  int taken = 0;
  for (const auto& [name, id] : gone) {
    const auto holder = world->HolderOf(name, later->since);
    ASSERT_TRUE(holder);
    taken += *holder != id && later->Find(*holder) != nullptr;
  }
  EXPECT_GE(taken, 1);
}

TEST(GeneratedWorld, AFormerNameLeadsToItsLastHolder) {
  const auto world = Make({.repositories = 1'000});
  const auto early = AtDay(*world, 0);
  const auto late = AtDay(*world, 400);
  int checked = 0;
  for (const Repository& one : early->repositories) {
    const Repository* now = late->Find(one.profile->id);
    if (now == nullptr || now->name->full_name == one.name->full_name) continue;
    EXPECT_EQ(world->HolderOf(one.name->full_name, late->since), one.profile->id);
    EXPECT_EQ(world->HolderOf(now->name->full_name, late->since), one.profile->id);
    EXPECT_EQ(world->HolderOf(now->name->full_name, early->since), std::nullopt);  // Not yet.
    ++checked;
  }
  EXPECT_GT(checked, 40);
  EXPECT_EQ(world->HolderOf("nobody/nothing", late->since), std::nullopt);
}

TEST(GeneratedWorld, BooksAndSnapshotsAgreeAndBoughtCurvesJump) {
  const auto world = Make({.repositories = 1'000});
  int bought = 0;
  std::map<CurveKind, int> kinds;
  for (const int64_t id : world->Ids()) {
    const Curve* curve = world->CurveOf(id);
    ASSERT_NE(curve, nullptr);
    ++kinds[curve->kind];
    if (curve->kind != CurveKind::kBought) continue;
    const auto day = static_cast<int>(curve->bought_day);
    const Repository* before = AtDay(*world, day)->Find(id);
    const Repository* after = AtDay(*world, day + 1)->Find(id);
    if (before == nullptr || after == nullptr) continue;
    ++bought;
    EXPECT_EQ(after->stars, StarsAt(*curve, day + 1, WeeklyRhythm(day + 1)));
    EXPECT_GT(after->stars - before->stars, 700);
    EXPECT_LT(after->forks - before->forks, 700);
  }
  EXPECT_GT(bought, 10);
  EXPECT_EQ(kinds.size(), 4U);
  EXPECT_EQ(world->CurveOf(1), nullptr);
}

TEST(GeneratedWorld, SomeStarsAreWithdrawn) {
  const auto world = Make({.repositories = 1'000});
  int64_t falls = 0;
  for (int day = 1; day < 30; ++day) {
    const auto before = AtDay(*world, day - 1);
    const auto after = AtDay(*world, day);
    for (const Repository& one : before->repositories) {
      const Repository* next = after->Find(one.profile->id);
      falls += next != nullptr && next->stars < one.stars;
    }
  }
  EXPECT_GT(falls, 50);
  EXPECT_LT(falls, 29 * 1'000 / 5);  // Most days bring more than they take.
}

TEST(GeneratedWorld, RefusesOptionsOutOfBounds) {
  for (const GeneratedWorldOptions& options : {GeneratedWorldOptions{.repositories = 0},
                                               GeneratedWorldOptions{.repositories = 200'001},
                                               GeneratedWorldOptions{.steps_per_day = 0},
                                               GeneratedWorldOptions{.steps_per_day = 7}}) {
    EXPECT_EQ(GeneratedWorld::Create(options).error().kind(), ErrorKind::kInvalidInput);
  }
}

TEST(GeneratedWorld, TheLargestWorldFits) {
  const auto world = Make({.seed = 3, .repositories = 50'000});
  EXPECT_EQ(world->At(kStart).value()->repositories.size(), 50'000U);
  EXPECT_GT(AtDay(*world, 800)->repositories.size(), 75'000U);
}

}  // namespace
}  // namespace stargaze::sandbox
