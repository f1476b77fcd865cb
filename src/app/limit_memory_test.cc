#include "app/limit_memory.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "base/virtual_clock.h"

namespace stargaze::app {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

constexpr const char* kToken = "token:abcd";

class LimitMemoryTest : public ::testing::Test {
 protected:
  LimitMemoryTest() {
    std::filesystem::create_directories(folder_);
    std::filesystem::remove(path_);
  }
  ~LimitMemoryTest() override { std::filesystem::remove_all(folder_); }

  Status Ask(collect::Governor& governor, net::HttpResponse answer) {
    SG_TRY(collect::Grant grant,
           governor.Acquire({.key = {kToken, "core"}, .deadline = clock_.Now() + seconds(1)}, {}));
    (void)grant.Settle(answer);
    return Ok();
  }

  net::HttpResponse Counted(int status, int remaining) {
    net::HttpResponse answer{.status = status};
    const Instant reset = start_ + minutes(30);
    answer.headers.Add("x-ratelimit-limit", "60");
    answer.headers.Add("x-ratelimit-remaining", std::to_string(remaining));
    answer.headers.Add(
        "x-ratelimit-reset",
        std::to_string(std::chrono::duration_cast<seconds>(reset.time_since_epoch()).count()));
    return answer;
  }

  std::string Text() {
    std::stringstream text;
    text << std::ifstream(path_).rdbuf();
    return text.str();
  }

  const std::string folder_ = ::testing::TempDir() + "limit_memory_test";
  const std::string path_ = folder_ + "/limits";
  const Instant start_ = *ParseInstant("2026-09-01T12:00:00Z");
  VirtualClock clock_{start_};
  VirtualClock::Actor actor_{clock_};
  std::vector<std::string> warnings_;
  LimitMemory::Warn warn_ = [this](std::string_view text) { warnings_.emplace_back(text); };
};

TEST_F(LimitMemoryTest, ARestartInsideAWindowRemembersWhatIsLeft) {
  {
    collect::Governor governor(clock_);
    const LimitMemory memory(path_, governor, clock_, warn_);
    ASSERT_TRUE(Ask(governor, Counted(200, 0)).ok());
  }
  collect::Governor next(clock_);
  collect::Governor forgetful(clock_);
  EXPECT_TRUE(Ask(forgetful, Counted(200, 0)).ok()) << "without it, it would ask";
  const LimitMemory memory(path_, next, clock_, warn_);
  EXPECT_EQ(Ask(next, Counted(200, 59)).error().kind(), ErrorKind::kRateLimited);
  clock_.AdvanceTo(start_ + minutes(31));
  EXPECT_TRUE(Ask(next, Counted(200, 59)).ok()) << "the window is over";
  EXPECT_TRUE(warnings_.empty());
}

TEST_F(LimitMemoryTest, ARefusalIsWrittenAtOnce) {
  collect::Governor governor(clock_);
  const LimitMemory memory(path_, governor, clock_, warn_);
  ASSERT_TRUE(Ask(governor, Counted(200, 50)).ok());
  const std::string first = Text();
  ASSERT_TRUE(Ask(governor, Counted(200, 49)).ok());
  EXPECT_EQ(Text(), first) << "not more often than every few seconds";
  net::HttpResponse refusal{.status = 429};
  refusal.headers.Add("retry-after", "600");
  ASSERT_TRUE(Ask(governor, refusal).ok());
  // As after a kill: the first process never ends.
  collect::Governor next(clock_);
  const LimitMemory after(path_, next, clock_, warn_);
  clock_.AdvanceTo(start_ + minutes(9));
  EXPECT_FALSE(Ask(next, Counted(200, 48)).ok());
  clock_.AdvanceTo(start_ + minutes(11));
  EXPECT_TRUE(Ask(next, Counted(200, 48)).ok());
}

TEST_F(LimitMemoryTest, TroubleWithTheFileIsToldOnceAndStopsNobody) {
  std::ofstream(path_) << "something else\n";
  {
    collect::Governor governor(clock_);
    const LimitMemory memory(path_, governor, clock_, warn_);
    ASSERT_EQ(warnings_.size(), 1U);
    EXPECT_NE(warnings_[0].find("cannot be read"), std::string::npos);
    EXPECT_TRUE(Ask(governor, Counted(200, 50)).ok());
  }
  EXPECT_EQ(Text().substr(0, 10), "governor 1") << "and the file is good again";
  collect::Governor governor(clock_);
  const LimitMemory memory(folder_ + "/absent/limits", governor, clock_, warn_);
  EXPECT_TRUE(Ask(governor, Counted(200, 50)).ok());
  clock_.AdvanceTo(start_ + minutes(1));
  EXPECT_TRUE(Ask(governor, Counted(200, 49)).ok());
  EXPECT_EQ(warnings_.size(), 2U);
}

}  // namespace
}  // namespace stargaze::app
