#include "app/data_folder.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <thread>
#include <vector>

namespace stargaze::app {
namespace {

namespace fs = std::filesystem;

class DataFolderTest : public ::testing::Test {
 protected:
  void SetUp() override { fs::remove_all(path_); }
  void TearDown() override { fs::remove_all(path_); }
  Result<std::unique_ptr<DataFolder>> Open() {
    return DataFolder::Open(path_, {.host = "https://api.github.com"}, clock_);
  }

  const std::string path_ = (fs::path(::testing::TempDir()) / "data_folder_test").string();
  SystemClock clock_;
};

TEST_F(DataFolderTest, OneProcessHoldsItAtATime) {
  EXPECT_FALSE(DataFolder::IsHeld(path_));
  const auto folder = Open();
  ASSERT_TRUE(folder.ok());
  EXPECT_TRUE(DataFolder::IsHeld(path_));
  EXPECT_EQ(Open().error().kind(), ErrorKind::kConflict);
}

TEST_F(DataFolderTest, WhoLooksWhetherItIsHeldHoldsUpNobody) {
  ASSERT_TRUE(Open().ok());
  std::atomic<bool> is_over = false;
  std::atomic<int> seen_held = 0;
  {
    std::vector<std::jthread> lookers;
    for (int i = 0; i < 3; ++i)
      lookers.emplace_back([&] {
        for (int look = 0; look < 2000; ++look) seen_held += DataFolder::IsHeld(path_) ? 1 : 0;
      });
  }
  EXPECT_EQ(seen_held, 0);
  std::vector<std::jthread> lookers;
  for (int i = 0; i < 3; ++i)
    lookers.emplace_back([&] {
      while (!is_over) (void)DataFolder::IsHeld(path_);
    });
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(Open().ok()) << i;
  is_over = true;
}

}  // namespace
}  // namespace stargaze::app
