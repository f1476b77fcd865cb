#include "sandbox/recorded_world.h"

#include <gtest/gtest.h>

#include "base/test_data.h"
#include "sandbox/testing/ranking_files.h"

namespace stargaze::sandbox {
namespace {

using testing::RankingCsv;
using testing::Tar;
using testing::TemporaryFolder;
using testing::WriteFile;
using testing::Zstd;

constexpr Day kDay = Day(std::chrono::year(2022) / 6 / 6);

class RecordedFolder : public ::testing::Test {
 protected:
  std::unique_ptr<RecordedWorld> Open() {
    auto world = RecordedWorld::Open(folder_.path().string());
    EXPECT_TRUE(world.ok()) << world.error().message();
    return std::move(world).value();
  }

  void WriteDay(std::string_view day, std::string_view csv) {
    WriteFile(folder_.path() / ("github-ranking-" + std::string(day) + ".csv"), csv);
  }

  TemporaryFolder folder_;
};

const Repository* Named(const Snapshot& snapshot, std::string_view full_name) {
  return snapshot.Find(InventedId(full_name));
}

TEST_F(RecordedFolder, TakesTheRowWithTheMostStarsThenTheMostForksOfANameInAnyCase) {
  WriteDay("2022-06-06",
           RankingCsv({{.owner = "Acme", .name = "flux", .stars = 10, .forks = 9},
                       {.owner = "acme", .name = "Flux", .stars = 12, .forks = 1},
                       {.owner = "acme", .name = "flux", .stars = 12, .forks = 3},
                       {.owner = "acme", .name = "flux", .stars = 12, .forks = 2},
                       {.owner = "acme", .name = "zero", .stars = 0, .forks = 0}}));
  const auto snapshot = Open()->At(kDay).value();
  ASSERT_EQ(snapshot->repositories.size(), 2U);
  const Repository* flux = Named(*snapshot, "ACME/FLUX");
  ASSERT_NE(flux, nullptr);
  EXPECT_EQ(flux->stars, 12);
  EXPECT_EQ(flux->forks, 3);
  EXPECT_EQ(flux->name->full_name, "acme/flux");
  EXPECT_EQ(Named(*snapshot, "acme/zero")->stars, 0);
}

TEST_F(RecordedFolder, ReadsWhatADescriptionMayHold) {
  WriteDay("2022-06-06",
           RankingCsv({{.owner = "a",
                        .name = "b",
                        .stars = 1,
                        .description = "\"x, \"\"y\"\"\nz\"",
                        .language = "Go"},
                       {.owner = "a", .name = "c", .stars = 2}}));
  const auto snapshot = Open()->At(kDay).value();
  const Repository* one = Named(*snapshot, "a/b");
  EXPECT_EQ(one->profile->description, "x, \"y\"\nz");
  EXPECT_EQ(one->profile->language, "Go");
  EXPECT_EQ(one->open_issues, 3);
  EXPECT_EQ(FormatInstantSeconds(one->pushed_at), "2022-05-30T08:50:49Z");
  EXPECT_LT(one->profile->created_at, Instant(kDay));
  EXPECT_EQ(Named(*snapshot, "a/c")->profile->description, std::nullopt);
}

TEST_F(RecordedFolder, ADayServesUntilItsMidnightAndADayWithoutAFileIsAGap) {
  WriteDay("2022-06-06", RankingCsv({{.owner = "a", .name = "b", .stars = 1}}));
  WriteDay("2022-06-08", RankingCsv({{.owner = "a", .name = "b", .stars = 3}}));
  const auto world = Open();
  EXPECT_EQ(world->At(kDay + std::chrono::hours(23)).value()->repositories[0].stars, 1);
  EXPECT_EQ(world->At(kDay + std::chrono::hours(24)).error().kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(world->At(kDay + std::chrono::hours(48)).value()->repositories[0].stars, 3);
  EXPECT_EQ(world->At(kDay - std::chrono::hours(1)).error().kind(), ErrorKind::kUnavailable);
  EXPECT_EQ(world->Days().value(), (std::vector<Day>{kDay, kDay + std::chrono::days(2)}));
}

TEST_F(RecordedFolder, ReadsMonthlyArchivesAndADailyFileWins) {
  const std::string packed = Zstd(Tar({{"github-ranking-2022-06/github-ranking-2022-06-06.csv",
                                        RankingCsv({{.owner = "a", .name = "b", .stars = 6}})},
                                       {"github-ranking-2022-06/github-ranking-2022-06-07.csv",
                                        RankingCsv({{.owner = "a", .name = "b", .stars = 7}})}}));
  WriteFile(folder_.path() / "github-ranking-2022-06.tar.zst", packed);
  WriteFile(folder_.path() / "github-ranking-2022-07.tar.zst",
            Zstd(Tar({{"x/github-ranking-2022-07-01.csv",
                       RankingCsv({{.owner = "a", .name = "b", .stars = 8}})}})));
  WriteFile(folder_.path() / "README.md", "nothing of ours");
  WriteDay("2022-06-07", RankingCsv({{.owner = "a", .name = "b", .stars = 70}}));
  const auto world = Open();
  EXPECT_EQ(world->At(kDay).value()->repositories[0].stars, 6);
  EXPECT_EQ(world->At(kDay + std::chrono::days(1)).value()->repositories[0].stars, 70);
  EXPECT_EQ(world->At(kDay + std::chrono::days(25)).value()->repositories[0].stars, 8);
  EXPECT_EQ(world->At(kDay).value()->repositories[0].stars, 6);  // The month is read again.
  EXPECT_EQ(world->Days().value().size(), 3U);
}

TEST_F(RecordedFolder, IdsDependOnTheNameOnly) {
  WriteDay("2022-06-06", RankingCsv({{.owner = "a", .name = "b"}, {.owner = "c", .name = "d"}}));
  WriteDay("2022-06-07", RankingCsv({{.owner = "C", .name = "d"}}));
  const auto world = Open();
  const auto first = world->HolderOf("c/d", kDay);
  ASSERT_TRUE(first);
  EXPECT_EQ(world->HolderOf("c/D", kDay + std::chrono::days(1)), first);
  EXPECT_EQ(*first, InventedId("C/d"));
  EXPECT_NE(*first, InventedId("a/b"));
  EXPECT_EQ(world->HolderOf("a/b", kDay + std::chrono::days(1)), std::nullopt);
  EXPECT_EQ(world->HolderOf("a/b", kDay + std::chrono::days(9)), std::nullopt);
  EXPECT_EQ(InventedId("octo/demo"), 278'715'566'102'746);
}

TEST_F(RecordedFolder, SaysWhichRecordOfWhichDayIsBad) {
  const std::string header(testing::kRankingHeader);
  const std::string good = "1,t,b,5,6,Go,u,a,3,2022-05-30T08:50:49Z,d\n";
  for (const std::string_view bad : {"1,t,b,many,6,Go,u,a,3,x,d\n",
                                     "1,t,b,5,-6,Go,u,a,3,x,d\n",
                                     "1,t,b,5\n",
                                     "1,t,,5,6,Go,u,a,3,x,d\n",
                                     "1,t,b,5,6,Go,u,a/x,3,x,d\n",
                                     "1,t,b,5,6,Go,u,a,3,x,\"d\n"}) {
    WriteDay("2022-06-06", header + good + std::string(bad));
    const auto snapshot = Open()->At(kDay);
    ASSERT_FALSE(snapshot.ok()) << bad;
    EXPECT_EQ(snapshot.error().kind(), ErrorKind::kCorrupt);
    EXPECT_NE(snapshot.error().message().find("2022-06-06: record 3: "), std::string::npos)
        << snapshot.error().message();
  }
  WriteDay("2022-06-06", "rank,item\n");
  EXPECT_EQ(Open()->At(kDay).error().kind(), ErrorKind::kCorrupt);
  WriteDay("2022-06-06", "");
  EXPECT_EQ(Open()->At(kDay).error().kind(), ErrorKind::kCorrupt);
}

TEST_F(RecordedFolder, NeedsAFolderWithRankingFiles) {
  EXPECT_EQ(RecordedWorld::Open(folder_.path().string()).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(RecordedWorld::Open("/no/such/folder").error().kind(), ErrorKind::kNotFound);
  WriteFile(folder_.path() / "github-ranking-2022-13.tar.zst", "");
  WriteFile(folder_.path() / "github-ranking-2022-02-30.csv", "");
  EXPECT_FALSE(RecordedWorld::Open(folder_.path().string()).ok());
}

TEST(RecordedWorld, ServesARealMonth) {
  const std::string data = TestDataFolder();
  if (data.empty()) GTEST_SKIP() << "STARGAZE_TEST_DATA is not set";
  const auto world = std::move(RecordedWorld::Open(data + "/rankings")).value();
  int64_t repositories = 0;
  int64_t stars = 0;
  int64_t forks = 0;
  for (Day day = kDay; day < Day(std::chrono::year(2022) / 7 / 1); day += std::chrono::days(1)) {
    const auto snapshot = world->At(day);
    ASSERT_TRUE(snapshot.ok()) << snapshot.error().message();
    for (const Repository& one : snapshot.value()->repositories) {
      ++repositories;
      stars += one.stars;
      forks += one.forks;
    }
  }
  // Computed from the same files by another program, with another CSV reader.
  EXPECT_EQ(repositories, 72'716);
  EXPECT_EQ(stars, 901'409'486);
  EXPECT_EQ(forks, 206'913'942);
  EXPECT_EQ(world->At(Day(std::chrono::year(2022) / 6 / 5)).error().kind(),
            ErrorKind::kUnavailable);
}

}  // namespace
}  // namespace stargaze::sandbox
