#include "config/dag_files.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace stargaze::config {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string kDag = "dag: a\ntasks: [{id: load, uses: load}]\n";

class DagFilesTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ + "/" + name) << text;
  }

  std::string folder_ = ::testing::TempDir() + "dag_files_" +
                        ::testing::UnitTest::GetInstance()->current_test_info()->name();
  DagFiles files_{{}, {folder_}, {}, {.uses = {"load"}}};
};

TEST_F(DagFilesTest, SeesFilesComeChangeAndGo) {
  Write("a.yaml", kDag);
  EXPECT_THAT(files_.Refresh().added, ElementsAre("a"));
  EXPECT_TRUE(files_.Refresh().empty());
  Write("a.yaml", "summary: Other.\n" + kDag);
  Write("b.yaml", "dag: b\ntasks: [{id: load, uses: load}]\n");
  const DagChanges changes = files_.Refresh();
  EXPECT_THAT(changes.added, ElementsAre("b"));
  EXPECT_THAT(changes.changed, ElementsAre("a"));
  Write("pools.yaml", "pools: {api: {slots: 6}}\n");
  EXPECT_TRUE(files_.Refresh().pools_changed);
  std::filesystem::remove(folder_ + "/a.yaml");
  EXPECT_THAT(files_.Refresh().removed, ElementsAre("a"));
}

TEST_F(DagFilesTest, SeesAChangeThatTheClockOfTheFilesMissed) {
  Write("a.yaml", kDag);
  const auto changed_at = std::filesystem::last_write_time(folder_ + "/a.yaml");
  files_.Refresh();
  Write("a.yaml", "dag: a\ntasks: [{id: lead, uses: load}]\n");
  std::filesystem::last_write_time(folder_ + "/a.yaml", changed_at);
  EXPECT_THAT(files_.Refresh().changed, ElementsAre("a"));
}

TEST_F(DagFilesTest, TheLastGoodVersionStaysWhileAFileIsBroken) {
  Write("a.yaml", kDag);
  files_.Refresh();
  const std::vector<model::Dag> good = files_.current().dags;
  for (const std::string& text : {std::string("dag: [\n"),
                                  std::string("dag: a\ntasks: [{id: load, uses: lood}]\n"),
                                  std::string((1U << 20U) + 1, '#')}) {
    Write("a.yaml", text);
    const DagChanges changes = files_.Refresh();
    EXPECT_TRUE(changes.problems_changed);
    EXPECT_TRUE(changes.changed.empty() && changes.removed.empty());
    EXPECT_EQ(files_.current().dags, good);
    ASSERT_EQ(files_.current().problems.size(), 1U);
    EXPECT_TRUE(files_.current().problems[0].earlier_version_stays);
    EXPECT_THAT(files_.current().problems[0].error.message(), HasSubstr("a.yaml"));
  }
  Write("a.yaml", kDag);
  EXPECT_TRUE(files_.Refresh().problems_changed);
  EXPECT_TRUE(files_.current().problems.empty());
}

TEST_F(DagFilesTest, AFolderThatCannotBeListedKeepsItsDags) {
  Write("a.yaml", kDag);
  files_.Refresh();
  std::filesystem::remove_all(folder_);
  EXPECT_TRUE(files_.Refresh().problems_changed);
  EXPECT_TRUE(files_.Refresh().empty());
  EXPECT_EQ(files_.current().dags.size(), 1U);
  EXPECT_TRUE(files_.current().problems[0].earlier_version_stays);
}

}  // namespace
}  // namespace stargaze::config
