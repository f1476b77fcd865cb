#include "app/callbacks.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/virtual_clock.h"

namespace stargaze::app {
namespace {

namespace fs = std::filesystem;
using orchestrate::CallbackContext;

class CallbacksTest : public testing::Test {
 protected:
  CallbacksTest() {
    fs::remove_all(folder_);
    context_.run.run = {.dag_id = "github_info", .run_id = "manual__20260901T000000Z"};
    context_.run.state = orchestrate::DagRunState::kFailed;
    context_.detail = "HTTP 502\nfrom\x1b[31m the source";
  }

  // What was warned of; empty: nothing.
  std::string Log(int64_t most_bytes = 1000) {
    std::string warned;
    const CallbackOptions options{.log_path = path_,
                                  .most_log_bytes = most_bytes,
                                  .warn = [&](std::string_view text) { warned += text; }};
    const Status done = MakeCallbacks(options, clock_).at("log")(context_);
    EXPECT_EQ(done.ok(), warned.empty());
    return warned;
  }
  static std::string Text(const std::string& path) {
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    return text.str();
  }

  const std::string folder_ = testing::TempDir() + "/callbacks_test";
  const std::string path_ = folder_ + "/logs/callbacks.log";
  VirtualClock clock_{*ParseInstant("2026-09-01T12:00:00Z")};
  CallbackContext context_;
};

TEST_F(CallbacksTest, LogHasALineForARunAndForAnInstance) {
  ASSERT_EQ(Log(), "");
  context_.task_id = "collect_release";
  context_.map_index = 7;
  context_.try_number = 2;
  context_.state = orchestrate::InstanceState::kUpForRetry;
  context_.detail = "";
  ASSERT_EQ(Log(), "");
  EXPECT_EQ(Text(path_),
            "2026-09-01T12:00:00.000000Z github_info manual__20260901T000000Z failed: "
            "HTTP 502 from [31m the source\n"
            "2026-09-01T12:00:00.000000Z github_info manual__20260901T000000Z "
            "collect_release[7] try 2 up_for_retry\n");
}

TEST_F(CallbacksTest, LogIsRolledOnce) {
  for (int i = 0; i < 12; ++i) ASSERT_EQ(Log(250), "");
  EXPECT_LT(fs::file_size(path_), 500U);
  EXPECT_LT(fs::file_size(path_ + ".1"), 500U);
  EXPECT_FALSE(fs::exists(path_ + ".2"));
}

TEST_F(CallbacksTest, LogThatCannotBeWrittenIsWarnedOf) {
  fs::create_directories(path_);
  EXPECT_EQ(Log(), "callback log: cannot open " + path_ + ": Is a directory");
  fs::remove(path_);
  ASSERT_EQ(mkfifo(path_.c_str(), 0600), 0);
  EXPECT_NE(Log(), "") << "a pipe that nobody reads; waiting for a reader would be for ever";
}

}  // namespace
}  // namespace stargaze::app
