#include "base/replace_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>
#include <vector>

namespace stargaze {
namespace {

namespace fs = std::filesystem;

class ReplaceFileTest : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(::testing::TempDir()) /
              ::testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  std::string Path(const char* name) const { return (folder_ / name).string(); }
  std::string Text(const char* name) const { return ReadWholeFile(Path(name)).value(); }
  unsigned ModeOf(const char* name) const {
    struct stat facts {};
    EXPECT_EQ(::stat(Path(name).c_str(), &facts), 0);
    return facts.st_mode & 07777U;
  }

  fs::path folder_;
};

TEST_F(ReplaceFileTest, ANewFileHasItsMode) {
  ASSERT_TRUE(ReplaceFile(Path("secret"), "one\n", 0600).ok());
  EXPECT_EQ(Text("secret"), "one\n");
  EXPECT_EQ(ModeOf("secret"), 0600U);
}

TEST_F(ReplaceFileTest, AnOldFileKeepsItsMode) {
  ASSERT_TRUE(ReplaceFile(Path("file"), "one").ok());
  ASSERT_EQ(::chmod(Path("file").c_str(), 0640), 0);
  ASSERT_TRUE(ReplaceFile(Path("file"), "", 0600).ok());
  EXPECT_EQ(Text("file"), "");
  EXPECT_EQ(ModeOf("file"), 0640U);
}

TEST_F(ReplaceFileTest, ALinkStaysOne) {
  ASSERT_TRUE(ReplaceFile(Path("file"), "one").ok());
  fs::create_symlink("file", Path("link"));
  ASSERT_TRUE(ReplaceFile(Path("link"), "two").ok());
  EXPECT_TRUE(fs::is_symlink(Path("link")));
  EXPECT_EQ(Text("file"), "two");
}

TEST_F(ReplaceFileTest, WritersBesideEachOtherLeaveOneWholeFile) {
  const std::string one(100'000, '1');
  const std::string two(200'000, '2');
  {
    std::vector<std::jthread> writers;
    for (const std::string* text : {&one, &two})
      writers.emplace_back([&, text] {
        for (int i = 0; i < 50; ++i) EXPECT_TRUE(ReplaceFile(Path("file"), *text).ok());
      });
    for (int i = 0; i < 200; ++i) {
      const auto text = ReadWholeFile(Path("file"));
      EXPECT_TRUE(!text.ok() || text.value() == one || text.value() == two);
    }
  }
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(ReplaceFileTest, FailuresNameTheFileAndLeaveTheOldOne) {
  EXPECT_EQ(ReplaceFile(Path("none/file"), "x").error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(ReadWholeFile(Path("none")).error().kind(), ErrorKind::kNotFound);
  fs::create_directories(Path("folder"));
  const Status refused = ReplaceFile(Path("folder"), "x");
  ASSERT_FALSE(refused.ok());
  EXPECT_NE(refused.error().message().find("folder"), std::string::npos);
  EXPECT_EQ(refused.error().kind(), ErrorKind::kInvalidInput);
  EXPECT_FALSE(ReadWholeFile(Path("folder")).ok());
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

}  // namespace
}  // namespace stargaze
