#include "orchestrate/checkpointer.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <variant>

#include "base/clock.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::milliseconds;

class CheckpointerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
    auto opened = storage::Sqlite::Open(path_);
    ASSERT_TRUE(opened.ok());
    writer_ = std::move(opened).value();
    ASSERT_TRUE(writer_->Execute("CREATE TABLE t (x BLOB)").ok());
    // Into the file, so that what is there later was moved by somebody else.
    ASSERT_TRUE(writer_->Query("PRAGMA wal_checkpoint(TRUNCATE)").ok());
  }
  void TearDown() override {
    writer_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Write(Checkpointer& checkpointer, int commits) {
    for (int i = 0; i < commits; ++i) {
      ASSERT_TRUE(writer_->Execute("INSERT INTO t VALUES (zeroblob(8000))").ok());
      checkpointer.Committed();
    }
  }
  uintmax_t Size() const { return std::filesystem::file_size(path_); }

  const std::string folder_ = ::testing::TempDir() + "orchestrate-checkpointer";
  const std::string path_ = folder_ + "/runs.sqlite";
  std::unique_ptr<storage::Sqlite> writer_;
};

TEST_F(CheckpointerTest, MovesTheLogWhileTheWriterKeepsItsConnection) {
  auto checkpointer = Checkpointer::Open(path_, *writer_);
  ASSERT_TRUE(checkpointer.ok());
  const uintmax_t before = Size();
  Write(*checkpointer.value(), 100);
  SystemClock clock;
  const Instant deadline = clock.Now() + std::chrono::seconds(30);
  while (Size() == before && clock.Now() < deadline)
    ASSERT_TRUE(clock.SleepUntil(clock.Now() + milliseconds(10), std::stop_token()).ok());
  EXPECT_GT(Size(), before);
}

TEST_F(CheckpointerTest, LeavesFewCommitsInTheLog) {
  auto checkpointer = Checkpointer::Open(path_, *writer_);
  ASSERT_TRUE(checkpointer.ok());
  const uintmax_t before = Size();
  Write(*checkpointer.value(), 49);
  checkpointer.value().reset();  // Joined: nothing can be moved later.
  EXPECT_EQ(Size(), before);
}

TEST_F(CheckpointerTest, EndsInTheMiddleOfItsWorkAndLosesNothing) {
  for (int round = 1; round <= 10; ++round) {
    auto checkpointer = Checkpointer::Open(path_, *writer_);
    ASSERT_TRUE(checkpointer.ok());
    Write(*checkpointer.value(), 50);
    checkpointer.value().reset();
    const auto rows = writer_->Query("SELECT COUNT(*) FROM t");
    ASSERT_TRUE(rows.ok());
    EXPECT_EQ(std::get<int64_t>(rows.value().rows.front().front()), 50 * round);
  }
}

TEST_F(CheckpointerTest, SaysWhyItCannotBegin) {
  EXPECT_FALSE(Checkpointer::Open(folder_ + "/absent/runs.sqlite", *writer_).ok());
}

}  // namespace
}  // namespace stargaze::orchestrate
