#include "orchestrate/thread_executor.h"

#include <gtest/gtest.h>

#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <regex>
#include <stdexcept>
#include <thread>

namespace stargaze::orchestrate {
namespace {

using std::chrono::seconds;

constexpr seconds kAtMost{20};

class ThreadExecutorTest : public ::testing::Test {
 protected:
  ThreadExecutorTest() {
    std::filesystem::remove_all(folder_);
    executor_ = std::make_unique<ThreadExecutor>(
        ThreadExecutorOptions{
            .log_folder = folder_, .waiting_threads = 3, .cpu_threads = 2, .max_log_bytes = 300},
        clock_);
    executor_->OnDone([this] {
      const std::lock_guard lock(mutex_);
      ++wakes_;
      changed_.notify_all();
    });
  }
  ~ThreadExecutorTest() override {
    executor_.reset();
    std::filesystem::remove_all(folder_);
  }

  void Submit(uint64_t ticket,
              TaskBody body,
              model::TaskLoad load = model::TaskLoad::kWaiting,
              std::string log = "") {
    std::vector<WorkItem> items;
    items.push_back(
        {.ticket = ticket, .body = std::move(body), .load = load, .log_path = std::move(log)});
    executor_->Submit(std::move(items));
  }
  // Those that end until there are `count`, by ticket.
  std::map<uint64_t, WorkDone> Await(std::size_t count) {
    std::map<uint64_t, WorkDone> done;
    std::unique_lock lock(mutex_);
    const auto took_some = [&] {
      for (WorkDone& one : executor_->TakeDone()) done.insert_or_assign(one.ticket, std::move(one));
      return done.size() >= count;
    };
    EXPECT_TRUE(changed_.wait_for(lock, kAtMost, took_some)) << done.size() << " ended";
    return done;
  }
  std::string Log(const std::string& path) {
    std::ifstream file(std::filesystem::path(folder_) / path);
    return {std::istreambuf_iterator<char>(file), {}};
  }

  SystemClock clock_;
  std::string folder_ = ::testing::TempDir() + "thread-executor-logs";
  std::mutex mutex_;
  std::condition_variable changed_;
  int wakes_ = 0;
  std::unique_ptr<ThreadExecutor> executor_;
};

Result<Outcome> Well(const TaskContext&) {
  return Outcome::Success("well");
}

TEST_F(ThreadExecutorTest, EachTryHasALogOfItsOwnWithUtcInstants) {
  const auto says = [](std::string line) {
    return [line](const TaskContext& context) -> Result<Outcome> {
      context.progress(line);
      return Outcome::Success("");
    };
  };
  Submit(1, says("first try"), model::TaskLoad::kWaiting, "d/r/t/0/1.log");
  Submit(2, says("second try"), model::TaskLoad::kWaiting, "d/r/t/0/2.log");
  Submit(3, Well, model::TaskLoad::kWaiting, "d/r/t/0/3.log");
  Await(3);
  const std::regex line(R"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z (first|second) try\n)");
  EXPECT_TRUE(std::regex_match(Log("d/r/t/0/1.log"), line)) << Log("d/r/t/0/1.log");
  EXPECT_TRUE(std::regex_match(Log("d/r/t/0/2.log"), line)) << Log("d/r/t/0/2.log");
  EXPECT_FALSE(std::filesystem::exists(folder_ + "/d/r/t/0/3.log"));  // It said nothing.
}

TEST_F(ThreadExecutorTest, ALogThatIsFullSaysHowMuchIsMissing) {
  Submit(
      1,
      [](const TaskContext& context) -> Result<Outcome> {
        for (int i = 0; i < 10; ++i) context.progress(std::string(100, 'x'));
        return Outcome::Success("");
      },
      model::TaskLoad::kWaiting,
      "full.log");
  Await(1);
  executor_.reset();
  EXPECT_LT(Log("full.log").size(), 400U);
  EXPECT_TRUE(Log("full.log").ends_with("8 lines more: the log is full\n")) << Log("full.log");
}

TEST_F(ThreadExecutorTest, ATaskThatThrowsFailsAlone) {
  Submit(
      1,
      [](const TaskContext&) -> Result<Outcome> { throw std::runtime_error("on purpose"); },
      model::TaskLoad::kWaiting,
      "thrown.log");
  Submit(2, [](const TaskContext&) -> Result<Outcome> { throw 7; });
  Submit(3, Well);
  const auto done = Await(3);
  ASSERT_FALSE(done.at(1).result.ok());
  EXPECT_EQ(done.at(1).result.error().message(), "the task threw: on purpose");
  ASSERT_FALSE(done.at(2).result.ok());
  EXPECT_TRUE(done.at(3).result.ok());
  EXPECT_TRUE(Log("thrown.log").ends_with("failed: the task threw: on purpose\n"));
  Submit(4, Well);  // Its thread goes on.
  EXPECT_TRUE(Await(1).at(4).result.ok());
}

TEST_F(ThreadExecutorTest, AStopReachesTheBodyItIsMeantForAndNoOther) {
  const auto waits = [this](const TaskContext& context) -> Result<Outcome> {
    const Status slept = clock_.SleepUntil(clock_.Now() + kAtMost, context.stop);
    if (!slept.ok()) return slept.error();
    return Outcome::Success("slept");
  };
  Submit(1, waits);
  Submit(2, waits);
  executor_->RequestStop(1);
  const auto first = Await(1);
  ASSERT_TRUE(first.contains(1));
  EXPECT_EQ(first.at(1).result.error().kind(), ErrorKind::kCancelled);
  executor_->RequestStop(99);  // Unknown: nothing.
  executor_->RequestStop(2);
  EXPECT_TRUE(Await(1).contains(2));
}

TEST_F(ThreadExecutorTest, TheEndStopsWhatIsStillAtWork) {
  std::promise<void> begun;
  Submit(1, [&](const TaskContext& context) -> Result<Outcome> {
    begun.set_value();
    const Status slept = clock_.SleepUntil(clock_.Now() + std::chrono::hours(1), context.stop);
    return slept.ok() ? Result<Outcome>(Outcome::Success("")) : slept.error();
  });
  ASSERT_EQ(begun.get_future().wait_for(kAtMost), std::future_status::ready);
  executor_.reset();  // Comes back, long before the hour is over.
}

TEST_F(ThreadExecutorTest, ThoseThatComputeAndThoseThatWaitHaveThreadsOfTheirOwn) {
  EXPECT_EQ(executor_->Capacity(model::TaskLoad::kCpu), 2U);
  EXPECT_EQ(executor_->Capacity(model::TaskLoad::kWaiting), 3U);
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  std::atomic<int> at_work{0};
  const auto holds = [&, gone](const TaskContext&) -> Result<Outcome> {
    ++at_work;
    gone.wait_for(kAtMost);
    return Outcome::Success("");
  };
  for (uint64_t ticket = 1; ticket <= 3; ++ticket) Submit(ticket, holds);
  // Every waiting thread is taken; one that computes still runs.
  Submit(10, Well, model::TaskLoad::kCpu);
  EXPECT_TRUE(Await(1).contains(10));
  go.set_value();
  Await(3);
  EXPECT_EQ(at_work, 3);
}

TEST_F(ThreadExecutorTest, CallbacksRunAsideAndHarmNobody) {
  std::promise<void> ran;
  EXPECT_TRUE(executor_->RunAside([] { throw std::runtime_error("on purpose"); }));
  EXPECT_TRUE(executor_->RunAside([&] { ran.set_value(); }));
  EXPECT_EQ(ran.get_future().wait_for(kAtMost), std::future_status::ready);
}

TEST(ThreadExecutor, SaysWhenTooManyCallbacksWait) {
  SystemClock clock;
  std::promise<void> go;
  const std::shared_future<void> gone = go.get_future().share();
  ThreadExecutor executor({.aside_threads = 1, .max_aside = 2}, clock);
  int taken = 0;
  for (int i = 0; i < 10; ++i)
    if (executor.RunAside([gone] { gone.wait_for(kAtMost); })) ++taken;
  EXPECT_GE(taken, 2);
  EXPECT_LE(taken, 3);  // One at work, two that wait.
  go.set_value();
}

}  // namespace
}  // namespace stargaze::orchestrate
