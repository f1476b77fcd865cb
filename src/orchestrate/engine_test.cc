// What the engine does by itself: restarts, lost tries, stops, retries, callbacks, limits of time.

#include "orchestrate/engine.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "orchestrate/testing/engine_bed.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::DagOf;
using testing::EngineBed;
using testing::Task;

const ManualAction kBecause{.who = "mina", .reason = "why not"};

class EngineTest : public ::testing::Test {
 protected:
  EngineBed bed_{::testing::UnitTest::GetInstance()->current_test_info()->name()};

  model::DagTask Retried(std::string id, int retries) {
    model::DagTask task = Task(std::move(id));
    task.retries = retries;
    task.retry_delay = seconds(30);
    return task;
  }
  std::string Tries(const std::string& run, const std::string& task) {
    const std::vector<TryView> tries = bed_.queries->Tries("d", run, task, 0).value();
    std::string text;
    for (const TryView& one : tries)
      text += (text.empty() ? "" : ", ") + std::to_string(one.try_number) + " " +
              std::string(NameOf(one.state)) + ": " + one.detail;
    return text;
  }
};

TEST_F(EngineTest, WhatRanWhenTheProcessEndedRunsAgainWithoutUsingUpARetry) {
  bed_.Declare({DagOf("d", {Task("a"), Task("b", {"a"})})});
  const std::string run = bed_.Trigger("d");
  bed_.Succeed("a");
  EXPECT_EQ(bed_.Working(), "b");
  bed_.Restart();
  EXPECT_EQ(bed_.Working(), "b#2");  // a is done and stays so.
  bed_.Succeed("b#2");
  EXPECT_EQ(bed_.Stored("d", run), "success: a=success b=success");
  EXPECT_EQ(Tries(run, "b"), "1 up_for_retry: its process ended while it ran, 2 success: done");
}

TEST_F(EngineTest, ATaskThatEndsTheProcessEachTimeFailsInTheEnd) {
  bed_.Declare({DagOf("d", {Task("a")})});
  const std::string run = bed_.Trigger("d");
  for (int lost = 0; lost < bed_.options.free_lost_tries; ++lost) {
    EXPECT_NE(bed_.Working(), "");
    bed_.Restart();
  }
  EXPECT_EQ(bed_.Working(), "a#4");
  bed_.Restart();
  EXPECT_EQ(bed_.Working(), "");
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=failed");
}

TEST_F(EngineTest, TriesBeforeAClearAreNotLostTries) {
  bed_.Declare({DagOf("d", {Task("a")})});
  const std::string run = bed_.Trigger("d");
  for (const char* name : {"a", "a#2", "a#3", "a#4"}) {
    bed_.Fail(name);
    ASSERT_TRUE(bed_.engine->Clear({.dag_id = "d", .run_id = run}, kBecause, false).ok());
    bed_.Tick();
  }
  EXPECT_EQ(bed_.Working(), "a#5");
  bed_.Restart();
  EXPECT_EQ(bed_.Working(), "a#6");
}

TEST_F(EngineTest, WhatWaitsForARetryStillWaitsAfterARestart) {
  bed_.Declare({DagOf("d", {Retried("a", 1)})});
  const std::string run = bed_.Trigger("d");
  bed_.End("a", Error(ErrorKind::kUnavailable, "HTTP 502"));
  bed_.Restart();
  bed_.Advance(seconds(29));
  EXPECT_EQ(bed_.Working(), "");
  bed_.Advance(seconds(1));
  EXPECT_EQ(bed_.Working(), "a#2");
  bed_.End("a#2", Error(ErrorKind::kUnavailable, "HTTP 502"));
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=failed");
}

TEST_F(EngineTest, ARescheduledTryGoesOnAsTheSameTry) {
  bed_.Declare({DagOf("d", {Task("a")})});
  const std::string run = bed_.Trigger("d");
  bed_.End("a", Outcome{.state = OutcomeState::kReschedule, .at = bed_.clock.Now() + seconds(60)});
  EXPECT_EQ(bed_.Stored("d", run), "running: a=up_for_reschedule");
  bed_.Restart();
  bed_.Advance(seconds(60));
  EXPECT_EQ(bed_.Working(), "a");
  bed_.Succeed("a");
  EXPECT_EQ(Tries(run, "a"), "1 success: done");
}

TEST_F(EngineTest, ExecutionTimeoutStopsTheTryAndIsTriedAgain) {
  model::DagTask task = Retried("a", 1);
  task.execution_timeout = seconds(10);
  bed_.Declare({DagOf("d", {task})});
  const std::string run = bed_.Trigger("d");
  EXPECT_EQ(bed_.executor->working.begin()->second.context.deadline,
            bed_.clock.Now() + seconds(10));
  bed_.Advance(seconds(10));
  EXPECT_EQ(bed_.Working(), "a!");
  bed_.End("a", Error(ErrorKind::kCancelled, "stopped"));
  bed_.Advance(seconds(30));
  EXPECT_EQ(bed_.Working(), "a#2");
  bed_.Succeed("a#2");
  EXPECT_EQ(Tries(run, "a"),
            "1 up_for_retry: stopped after its execution_timeout: stopped, 2 success: done");
}

TEST_F(EngineTest, ABodyThatIgnoresItsStopIsAbandonedAndKeepsItsSlots) {
  ASSERT_TRUE(bed_.engine->SetPool({"default_pool", 1, ""}, kBecause).ok());
  model::DagTask task = Retried("a", 5);
  task.execution_timeout = seconds(10);
  bed_.Declare({DagOf("d", {task}), DagOf("e", {Task("b")})});
  const std::string run = bed_.Trigger("d");
  bed_.Trigger("e");
  bed_.Advance(seconds(10));
  bed_.Advance(bed_.options.stop_grace);
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=failed");  // Never two bodies of one instance.
  EXPECT_EQ(bed_.Working(), "a!");                       // b has no slot.
  EXPECT_EQ(bed_.engine->GetHealth().abandoned, 1);
  bed_.Succeed("a");
  EXPECT_EQ(bed_.Working(), "b");
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=failed");
}

TEST_F(EngineTest, WhatIgnoresTheStopOfTheProgramIsLostNotFailed) {
  bed_.Declare({DagOf("d", {Task("a")})});
  const std::string run = bed_.Trigger("d");
  bed_.engine->BeginStop();
  bed_.Advance(bed_.options.stop_grace + seconds(1));
  EXPECT_EQ(bed_.Stored("d", run), "running: a=running");
  bed_.Restart();
  EXPECT_EQ(bed_.Working(), "a#2");
}

TEST_F(EngineTest, AStopOfTheProgramUsesUpNoRetry) {
  bed_.Declare({DagOf("d", {Task("a")})});
  const std::string run = bed_.Trigger("d");
  bed_.engine->BeginStop();
  bed_.End("a", Error(ErrorKind::kCancelled, "stopped"));
  EXPECT_EQ(bed_.Working(), "");
  bed_.Restart();
  bed_.Succeed("a#2");
  EXPECT_EQ(bed_.Stored("d", run), "success: a=success");
}

TEST_F(EngineTest, DagrunTimeoutEndsTheRun) {
  model::Dag dag = DagOf("d", {Task("a"), Task("b", {"a"})});
  dag.dagrun_timeout = seconds(100);
  bed_.Declare({dag});
  const std::string run = bed_.Trigger("d");
  bed_.Advance(seconds(60));
  bed_.Restart();
  bed_.Advance(seconds(40));
  EXPECT_EQ(bed_.Working(), "a#2!");
  bed_.End("a#2", Error(ErrorKind::kCancelled, "stopped"));
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=failed b=skipped");
  EXPECT_EQ(bed_.Runs("d").back().cause, "did not end within its dagrun_timeout of 100 s");
}

TEST_F(EngineTest, ACallbackThatFailsIsAnEventAndFailsNoTask) {
  bed_.ports.callbacks["broken"] = [](const CallbackContext&) -> Status {
    return Error(ErrorKind::kUnavailable, "nobody answers");
  };
  bed_.Restart();
  model::DagTask task = Task("a");
  task.on_success = {"broken"};
  bed_.Declare({DagOf("d", {task})});
  const std::string run = bed_.Trigger("d");
  bed_.Succeed("a");
  bed_.Advance(bed_.options.heartbeat);
  EXPECT_EQ(bed_.Stored("d", run), "success: a=success");
  const auto told = std::ranges::find(bed_.events, EventKind::kCallback, &Event::kind);
  ASSERT_NE(told, bed_.events.end());
  EXPECT_EQ(told->run_id + " " + told->task_id + ": " + told->detail,
            run + " a: callback broken: nobody answers");
}

TEST_F(EngineTest, CallsBackOnSuccessFailureAndRetry) {
  std::string told;
  for (const char* name : {"won", "lost", "again", "all_won", "all_lost"})
    bed_.ports.callbacks[name] = [&told, name](const CallbackContext& context) {
      told += std::string(name) + "(" + context.task_id + "#" + std::to_string(context.try_number) +
              " " + context.detail + ") ";
      return Ok();
    };
  bed_.Restart();
  model::DagTask task = Retried("a", 1);
  task.on_success = {"won"};
  task.on_failure = {"lost"};
  task.on_retry = {"again"};
  model::Dag dag = DagOf("d", {task});
  dag.on_success = {"all_won"};
  dag.on_failure = {"all_lost"};
  bed_.Declare({dag});
  bed_.Trigger("d");
  bed_.End("a", Error(ErrorKind::kUnavailable, "HTTP 502"));
  EXPECT_EQ(std::exchange(told, ""), "again(a#1 HTTP 502) ");
  bed_.Advance(seconds(30));
  bed_.Succeed("a#2");
  EXPECT_EQ(std::exchange(told, ""), "won(a#2 done) all_won(#0 by hand) ");
  bed_.Trigger("d");
  bed_.Fail("a");
  EXPECT_EQ(std::exchange(told, ""), "lost(a#1 broken) all_lost(#0 by hand) ");
  // What a person decides tells nobody.
  const std::string run = bed_.Trigger("d", bed_.clock.Now() + hours(1));
  ASSERT_TRUE(bed_.engine
                  ->Mark({.dag_id = "d", .run_id = run, .task_ids = {"a"}},
                         InstanceState::kFailed,
                         kBecause,
                         false)
                  .ok());
  bed_.Tick();
  bed_.End("a", Error(ErrorKind::kCancelled, "stopped"));
  EXPECT_EQ(told, "all_lost(#0 by hand) ");
}

TEST_F(EngineTest, BeatsAndSaysWhenItStandsStill) {
  EXPECT_EQ(bed_.engine->GetHealth().heartbeat_at, bed_.clock.Now());
  EXPECT_LE(bed_.engine->NextWake(), bed_.clock.Now() + bed_.options.heartbeat);
  bed_.clock.Set(bed_.clock.Now() + bed_.options.stands_still_after + seconds(1));
  EXPECT_TRUE(bed_.engine->GetHealth().stands_still);
  EXPECT_EQ(bed_.engine->GetHealth().heartbeat_age, seconds(31));
  bed_.Tick();
  EXPECT_FALSE(bed_.engine->GetHealth().stands_still);
}

TEST_F(EngineTest, AFullDiskHoldsNewRunsAndLetsThemGoWhenThereIsRoom) {
  double days = 0.5;
  bed_.ports.disk_days_left = [&] { return days; };
  bed_.Restart();
  bed_.Declare({DagOf("d", {Task("a")})});
  const std::string run = bed_.Trigger("d");
  EXPECT_EQ(bed_.Stored("d", run), "queued:");
  EXPECT_TRUE(bed_.engine->GetHealth().new_runs_held_by_disk);
  days = 40;
  bed_.Advance(seconds(60));
  EXPECT_EQ(bed_.Working(), "a");
}

TEST_F(EngineTest, DependsOnPastLooksAtTheRunBeforeAlsoWhenBothAreNew) {
  model::DagTask task = Task("a");
  task.depends_on_past = true;
  model::Dag dag = DagOf("d", {task});
  bed_.Declare({dag});
  for (int i = 0; i < 2; ++i)  // Both within one group of changes.
    ASSERT_TRUE(
        bed_.engine
            ->Trigger({.dag_id = "d", .logical_date = bed_.clock.Now() + hours(i)}, {.who = "test"})
            .ok());
  bed_.Tick();
  EXPECT_EQ(bed_.Working(), "a");
  bed_.Succeed("a");
  EXPECT_EQ(bed_.Working(), "a");
  bed_.Succeed("a");
  for (const RunView& run : bed_.Runs("d")) EXPECT_EQ(run.state, DagRunState::kSuccess);
}

TEST_F(EngineTest, ATaskThatIsNoLongerDeclaredIsRemovedAfterARestart) {
  bed_.Declare({DagOf("d", {Task("a"), Task("b")})});
  const std::string run = bed_.Trigger("d");
  EXPECT_EQ(bed_.Working(), "a b");
  bed_.Declare({DagOf("d", {Task("a")})});
  bed_.Restart();
  EXPECT_EQ(bed_.Working(), "a#2");
  bed_.Succeed("a#2");
  EXPECT_EQ(bed_.Stored("d", run), "success: a=success b=removed");
}

}  // namespace
}  // namespace stargaze::orchestrate
