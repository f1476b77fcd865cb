#include "orchestrate/callback_watch.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <thread>

#include "orchestrate/testing/engine_bed.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::seconds;

class CallbackWatchTest : public ::testing::Test {
 protected:
  // "name: detail" of what has failed.
  std::vector<std::string> Failures() {
    std::vector<std::string> texts;
    for (const CallbackFailure& one : watch_->TakeFailures())
      texts.push_back(one.name + ": " + one.detail);
    return texts;
  }
  void Call(Callback callback) {
    CallbackWatch::Guard(watch_, "log", std::move(callback), {.task_id = "a"})();
  }

  HandClock clock_{};
  std::shared_ptr<CallbackWatch> watch_ = std::make_shared<CallbackWatch>(clock_, seconds(30));
};

TEST_F(CallbackWatchTest, TellsErrorsAndWhatIsThrown) {
  Call([](const CallbackContext&) { return Ok(); });
  EXPECT_TRUE(Failures().empty());
  Call([](const CallbackContext&) -> Status {
    return Error(ErrorKind::kUnavailable, "nobody answers");
  });
  Call([](const CallbackContext&) -> Status { throw std::runtime_error("on purpose"); });
  EXPECT_EQ(Failures(),
            (std::vector<std::string>{"log: nobody answers", "log: it threw: on purpose"}));
  EXPECT_TRUE(Failures().empty());
}

TEST_F(CallbackWatchTest, AsksWhatIsLateToStopAndTellsItOnce) {
  std::stop_source began;
  std::jthread thread([&] {
    Call([&](const CallbackContext& context) -> Status {
      began.request_stop();
      while (!context.stop.stop_requested()) std::this_thread::yield();
      return Error(ErrorKind::kCancelled, "stopped");
    });
  });
  while (!began.stop_requested()) std::this_thread::yield();
  EXPECT_TRUE(Failures().empty());
  clock_.Set(clock_.Now() + seconds(31));
  const std::vector<std::string> late{"log: did not return within 30 s and was asked to stop"};
  EXPECT_EQ(Failures(), late);
  thread.join();
  EXPECT_TRUE(Failures().empty());
}

TEST_F(CallbackWatchTest, TellsAlsoWhatReturnedTooLate) {
  Call([this](const CallbackContext& context) {
    clock_.Set(context.deadline + seconds(1));
    return Ok();
  });
  EXPECT_EQ(Failures().size(), 1U);
}

}  // namespace
}  // namespace stargaze::orchestrate
