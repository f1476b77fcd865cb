#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sandbox/testing/ranking_files.h"
#include "sandbox/world.h"

namespace stargaze::sandbox {
namespace {

using ::testing::HasSubstr;

TEST(OpenWorld, MakesGeneratedWorlds) {
  EXPECT_EQ(OpenWorld("generated").value()->name(),
            "generated:seed=1,repositories=1000,start=2026-01-01");
  const auto world =
      OpenWorld("generated:repositories=20,seed=9,start=2026-06-23,steps_per_day=24");
  ASSERT_TRUE(world.ok());
  EXPECT_EQ(world.value()->name(),
            "generated:seed=9,repositories=20,start=2026-06-23,steps_per_day=24");
  EXPECT_EQ(world.value()->At(*ParseInstant("2026-06-23T00:00:00Z")).value()->repositories.size(),
            20U);
}

TEST(OpenWorld, ItsNameOpensTheSameWorld) {
  for (const std::string_view spec :
       {"generated:repositories=20,seed=9",
        "generated:repositories=20,days=pacific,history_short=1,renamed=0.5,transferred=0,"
        "deleted=0.25,withheld=0.125"}) {
    const auto world = OpenWorld(spec).value();
    EXPECT_EQ(OpenWorld(world->name()).value()->name(), world->name());
  }
  EXPECT_THAT(OpenWorld("generated:repositories=20,deleted=0.25").value()->name(),
              HasSubstr(",deleted=0.25"));
}

TEST(OpenWorld, OpensAFolderAndKeepsItsPathToItself) {
  const testing::TemporaryFolder folder;
  const auto rankings = folder.path() / "my rankings";
  std::filesystem::create_directory(rankings);
  testing::WriteFile(rankings / "github-ranking-2022-06-06.csv", testing::RankingCsv({}));
  EXPECT_EQ(OpenWorld(rankings.string()).value()->name(), "recorded:my_rankings");
  EXPECT_EQ(OpenWorld(rankings.string() + "/").value()->name(), "recorded:my_rankings");
}

TEST(OpenWorld, SaysWhatIsWrong) {
  EXPECT_THAT(OpenWorld("generated:sed=1").error().message(),
              HasSubstr("no option 'sed', did you mean 'seed'"));
  EXPECT_THAT(OpenWorld("generated:seed").error().message(), HasSubstr("key=value"));
  for (const std::string_view spec : {"generated:seed=x",
                                      "generated:seed=-1",
                                      "generated:repositories=1000000",
                                      "generated:start=2026-02-30",
                                      "generated:days=moon",
                                      "generated:renamed=2",
                                      "generated:repositories=99999999999"}) {
    EXPECT_EQ(OpenWorld(spec).error().kind(), ErrorKind::kInvalidInput) << spec;
  }
  EXPECT_EQ(OpenWorld("/no/such/folder").error().kind(), ErrorKind::kNotFound);
}

}  // namespace
}  // namespace stargaze::sandbox
