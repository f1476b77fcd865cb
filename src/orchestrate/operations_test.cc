// What people do to runs: clear, mark, cancel, pools, variables.

#include "orchestrate/operations.h"

#include <gtest/gtest.h>

#include "orchestrate/testing/engine_bed.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using testing::DagOf;
using testing::EngineBed;
using testing::Task;

const ManualAction kBecause{.who = "mina", .reason = "the source was down"};

model::DagTask Mapped(std::string id, std::vector<std::string> after = {}) {
  model::DagTask task = Task(std::move(id), std::move(after));
  task.for_each = "followed";
  return task;
}

class OperationsTest : public ::testing::Test {
 protected:
  EngineBed bed_{::testing::UnitTest::GetInstance()->current_test_info()->name()};

  int64_t Clear(const Selection& selection, bool dry_run = false) {
    const auto done = bed_.engine->Clear(selection, kBecause, dry_run);
    EXPECT_TRUE(done.ok()) << done.error().message();
    bed_.Tick();
    return done.ok() ? done.value().instances : -1;
  }
  int64_t Mark(const Selection& selection, InstanceState state) {
    const auto done = bed_.engine->Mark(selection, state, kBecause, false);
    EXPECT_TRUE(done.ok()) << done.error().message();
    bed_.Tick();
    return done.ok() ? done.value().instances : -1;
  }
  std::string LastAudit() {
    const auto entries = bed_.queries->Audit(std::nullopt, 1);
    if (!entries.ok() || entries.value().empty()) return "none";
    const AuditEntry& entry = entries.value().front();
    return entry.who + " " + entry.action + " " + entry.dag_id + ": " + entry.detail + ", " +
           entry.reason;
  }
};

TEST_F(OperationsTest, AnEndedRunThatIsClearedRunsAgain) {
  bed_.Declare({DagOf("d", {Task("a"), Task("b", {"a"})})});
  const std::string run = bed_.Trigger("d");
  bed_.Succeed("a");
  bed_.Fail("b");
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=success b=failed");

  EXPECT_EQ(Clear({.dag_id = "d", .run_id = run, .only_failed = true}), 1);
  EXPECT_EQ(bed_.Working(), "b#2");
  bed_.Succeed("b#2");
  EXPECT_EQ(bed_.Stored("d", run), "success: a=success b=success");
  EXPECT_EQ(LastAudit(), "mina clear d: 1 instances in 1 tasks, the source was down");
}

struct ClearCase {
  std::string name;
  Selection selection;
  std::string working;  // After it, in the runs' order of dates.
  int64_t instances;
};

TEST_F(OperationsTest, ClearTakesWhatIsSelectedAndNothingElse) {
  // a -> b -> c, and x aside; three runs, the second with a failed b.
  const std::vector<ClearCase> cases{
      {"one task", {.task_ids = {"b"}}, "b#2", 1},
      {"upstream", {.task_ids = {"b"}, .upstream = true}, "a#2", 2},
      {"downstream", {.task_ids = {"b"}, .downstream = true}, "b#2", 2},
      {"both", {.task_ids = {"b"}, .upstream = true, .downstream = true}, "a#2", 3},
      {"all", {}, "a#2 x#2", 4},
      {"only failed", {.only_failed = true}, "b#2", 2},
      {"past", {.task_ids = {"x"}, .past = true}, "x#2 x#2", 2},
      {"future", {.task_ids = {"x"}, .future = true}, "x#2 x#2", 2},
      {"past and future", {.task_ids = {"x"}, .past = true, .future = true}, "x#2 x#2 x#2", 3},
      {"failed of all", {.past = true, .future = true, .only_failed = true}, "b#2", 2},
  };
  bed_.Declare({DagOf("d", {Task("a"), Task("b", {"a"}), Task("c", {"b"}), Task("x")})});
  for (const ClearCase& one : cases) {
    SCOPED_TRACE(one.name);
    bed_.Advance(hours(1));
    std::vector<std::string> runs;
    const std::string dag = "d" + std::to_string(&one - cases.data());
    bed_.Declare({DagOf(dag, {Task("a"), Task("b", {"a"}), Task("c", {"b"}), Task("x")})});
    for (int i = 0; i < 3; ++i) {
      runs.push_back(bed_.Trigger(dag, bed_.clock.Now() + seconds(i)));
      bed_.Succeed("x");
      bed_.Succeed("a");
      if (i == 1) {
        bed_.Fail("b");
      } else {
        bed_.Succeed("b");
        bed_.Succeed("c");
      }
    }
    ASSERT_EQ(bed_.Stored(dag, runs[1]), "failed: a=success b=failed c=upstream_failed x=success");
    Selection selection = one.selection;
    selection.dag_id = dag;
    selection.run_id = runs[1];
    EXPECT_EQ(Clear(selection, true), one.instances);  // A dry run changes nothing.
    EXPECT_EQ(bed_.Working(), "");
    EXPECT_EQ(Clear(selection), one.instances);
    EXPECT_EQ(bed_.Working(), one.working);
    while (!bed_.executor->working.empty()) {
      const std::string working = bed_.Working();
      bed_.Succeed(working.substr(0, working.find(' ')));
    }
  }
}

TEST_F(OperationsTest, ARunningInstanceThatIsClearedStopsFirst) {
  bed_.Declare({DagOf("d", {Task("a")})});
  const std::string run = bed_.Trigger("d");
  EXPECT_EQ(Clear({.dag_id = "d", .run_id = run}), 1);
  EXPECT_EQ(bed_.Working(), "a!");  // Never two bodies of one instance.
  bed_.End("a", Error(ErrorKind::kCancelled, "stopped"));
  EXPECT_EQ(bed_.Working(), "a#2");
  bed_.Succeed("a#2");
  EXPECT_EQ(bed_.Stored("d", run), "success: a=success");
}

TEST_F(OperationsTest, ClearingIsRefusedWhileTheRunIsBeingCancelled) {
  bed_.Declare({DagOf("d", {Task("a"), Task("b", {"a"})})});
  const std::string run = bed_.Trigger("d");
  ASSERT_TRUE(bed_.engine->Cancel("d", run, kBecause).ok());
  bed_.Tick();
  const auto refused = bed_.engine->Clear({.dag_id = "d", .run_id = run}, kBecause, false);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().kind(), ErrorKind::kConflict);
}

TEST_F(OperationsTest, MarkingTellsWhoAndWhy) {
  bed_.Declare({DagOf("d", {Task("a"), Task("b", {"a"})})});
  const std::string run = bed_.Trigger("d");
  EXPECT_FALSE(
      bed_.engine
          ->Mark({.dag_id = "d", .run_id = run}, InstanceState::kSuccess, {.who = "mina"}, false)
          .ok());
  EXPECT_EQ(Mark({.dag_id = "d", .run_id = run, .task_ids = {"a"}}, InstanceState::kSuccess), 1);
  EXPECT_EQ(bed_.Working(), "a!");
  bed_.End("a", Error(ErrorKind::kCancelled, "stopped"));
  EXPECT_EQ(bed_.Working(), "b");
  EXPECT_EQ(Mark({.dag_id = "d", .run_id = run, .task_ids = {"b"}}, InstanceState::kFailed), 1);
  bed_.End("b", Error(ErrorKind::kCancelled, "stopped"));
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=success b=failed");
  EXPECT_EQ(LastAudit(), "mina mark_failed d: 1 instances in 1 tasks, the source was down");
}

TEST_F(OperationsTest, AMarkOfWhatRunsStandsWhenTheProcessIsKilledAtOnce) {
  bed_.Declare({DagOf("d", {Task("a"), Task("b", {"a"})})});
  const std::string run = bed_.Trigger("d");
  Mark({.dag_id = "d", .run_id = run, .task_ids = {"a"}}, InstanceState::kSuccess);
  EXPECT_EQ(bed_.Working(), "a!");
  EXPECT_EQ(bed_.Stored("d", run), "running: a=success");
  bed_.Restart();
  EXPECT_EQ(bed_.Working(), "b");
  Mark({.dag_id = "d", .run_id = run, .task_ids = {"b"}}, InstanceState::kFailed);
  bed_.Restart();
  EXPECT_EQ(bed_.Working(), "");
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=success b=failed");
}

TEST_F(OperationsTest, AClearOfWhatRunsStandsWhenTheProcessIsKilledAtOnce) {
  model::DagTask task = Task("a");
  task.retries = 1;
  bed_.options.free_lost_tries = 0;
  bed_.Restart();
  bed_.Declare({DagOf("d", {task})});
  const std::string run = bed_.Trigger("d");
  bed_.Restart();
  ASSERT_EQ(bed_.Working(), "a#2");  // Its only retry.
  Mark({.dag_id = "d", .run_id = run}, InstanceState::kSuccess);
  Clear({.dag_id = "d", .run_id = run});  // What was said last holds.
  bed_.Restart();
  EXPECT_EQ(bed_.Working(), "a#3");
  bed_.End("a#3", Error(ErrorKind::kUnavailable, "HTTP 502"));
  bed_.Advance(seconds(301));
  EXPECT_EQ(bed_.Working(), "a#4");  // A clear gives all retries back.
}

TEST_F(OperationsTest, AMarkOutlivesACancelAndAStop) {
  bed_.Declare({DagOf("d", {Task("a"), Task("b")})});
  const std::string run = bed_.Trigger("d");
  Mark({.dag_id = "d", .run_id = run, .task_ids = {"a"}}, InstanceState::kSuccess);
  ASSERT_TRUE(bed_.engine->Cancel("d", run, kBecause).ok());
  bed_.engine->BeginStop();
  for (const char* one : {"a", "b"}) bed_.End(one, Error(ErrorKind::kCancelled, "stopped"));
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=success b=failed");
}

TEST_F(OperationsTest, AnEndedRunThatIsMarkedEndsAnew) {
  bed_.Declare({DagOf("d", {Task("a")})});
  const std::string run = bed_.Trigger("d");
  bed_.Fail("a");
  EXPECT_EQ(Mark({.dag_id = "d", .run_id = run}, InstanceState::kSuccess), 1);
  EXPECT_EQ(bed_.Stored("d", run), "success: a=success");
}

TEST_F(OperationsTest, AMappedTaskMayBeMarkedBeforeItIsKnownHowManyItHas) {
  bed_.counts["m"] = 3;
  bed_.Declare({DagOf("d", {Task("a"), Mapped("m", {"a"})})});
  const std::string run = bed_.Trigger("d");
  EXPECT_EQ(Mark({.dag_id = "d", .run_id = run, .task_ids = {"m"}}, InstanceState::kSuccess), 1);
  bed_.Succeed("a");
  EXPECT_EQ(bed_.Stored("d", run), "success: a=success m=success");
}

TEST_F(OperationsTest, MarkingOneInstanceLeavesTheOthersAsTheyWereDecided) {
  bed_.counts["m"] = 3;
  bed_.Declare({DagOf("d", {Task("a"), Mapped("m"), Task("z", {"a", "m"})})});
  const std::string run = bed_.Trigger("d");
  bed_.Fail("a");  // z is upstream_failed.
  ASSERT_TRUE(bed_.engine->Cancel("d", run, kBecause).ok());
  bed_.Tick();
  for (const char* name : {"m", "m[1]", "m[2]"})
    bed_.End(name, Error(ErrorKind::kCancelled, "stopped"));
  ASSERT_EQ(bed_.Stored("d", run), "failed: a=failed m=failed*3 z=upstream_failed");
  EXPECT_EQ(Mark({.dag_id = "d", .run_id = run, .task_ids = {"m"}, .map_index = 1},
                 InstanceState::kSuccess),
            1);
  EXPECT_EQ(bed_.Working(), "");
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=failed m=success m=failed*2 z=upstream_failed");
}

TEST_F(OperationsTest, MarkingOneSkippedInstanceLeavesTheOthersSkipped) {
  bed_.counts["m"] = 3;
  model::Dag dag = DagOf("d", {Task("a"), Mapped("m", {"a"})});
  dag.max_active_tasks = 1;
  bed_.Declare({dag});
  const std::string run = bed_.Trigger("d");
  bed_.Succeed("a");
  ASSERT_TRUE(bed_.engine->Cancel("d", run, kBecause).ok());  // m[1] and m[2] have not begun.
  bed_.Tick();
  bed_.End("m", Error(ErrorKind::kCancelled, "stopped"));
  ASSERT_EQ(bed_.Stored("d", run), "failed: a=success m=failed m=skipped*2");
  Mark({.dag_id = "d", .run_id = run, .task_ids = {"m"}, .map_index = 0}, InstanceState::kSuccess);
  EXPECT_EQ(bed_.Working(), "");
  EXPECT_EQ(bed_.Stored("d", run), "success: a=success m=success m=skipped*2");
}

TEST_F(OperationsTest, AMappedTaskThatNeverExpandedExpandsWhenItIsCleared) {
  bed_.counts["m"] = 3;
  bed_.Declare({DagOf("d", {Task("a"), Mapped("m", {"a"})})});
  const std::string run = bed_.Trigger("d");
  bed_.Fail("a");
  ASSERT_EQ(bed_.Stored("d", run), "failed: a=failed m=upstream_failed");
  bed_.Restart();
  Clear({.dag_id = "d", .run_id = run, .only_failed = true});
  bed_.Succeed("a#2");
  EXPECT_EQ(bed_.Working(), "m m[1] m[2]");
}

TEST_F(OperationsTest, AMappedTaskOverNothingAsksAgainWhenItIsCleared) {
  bed_.counts["m"] = 0;
  bed_.Declare({DagOf("d", {Mapped("m")})});
  const std::string run = bed_.Trigger("d");
  ASSERT_EQ(bed_.Stored("d", run), "success: m=skipped");
  bed_.counts["m"] = 2;
  Clear({.dag_id = "d", .run_id = run});
  EXPECT_EQ(bed_.Working(), "m m[1]");
}

TEST_F(OperationsTest, WhatWaitsForARetryGoesWithItsRule) {
  bed_.counts["m"] = 2;
  model::DagTask mapped = Mapped("m", {"a"});
  mapped.retries = 1;
  mapped.retry_delay = seconds(60);
  bed_.Declare({DagOf("d", {Task("a"), mapped})});
  const std::string run = bed_.Trigger("d");
  bed_.Succeed("a");
  bed_.Succeed("m");
  bed_.End("m[1]", Error(ErrorKind::kUnavailable, "HTTP 502"));
  Clear({.dag_id = "d", .run_id = run, .task_ids = {"a"}});
  Clear({.dag_id = "d", .run_id = run, .task_ids = {"m"}, .map_index = 0});
  bed_.Fail("a#2");
  bed_.Advance(seconds(61));
  EXPECT_EQ(bed_.Working(), "");
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=failed m=upstream_failed*2");
}

TEST_F(OperationsTest, WhatHasNotBegunWaitsAgainWhenWhatIsBeforeItIsCleared) {
  ASSERT_TRUE(bed_.engine->SetPool({"p", 0, ""}, kBecause).ok());
  model::DagTask held = Task("b", {"a"});
  held.pool = "p";
  bed_.Declare({DagOf("d", {Task("a"), held})});
  const std::string run = bed_.Trigger("d");
  bed_.Succeed("a");  // b may run, but its pool has no slot.
  Clear({.dag_id = "d", .run_id = run, .task_ids = {"a"}});
  ASSERT_TRUE(bed_.engine->SetPool({"p", 1, ""}, kBecause).ok());
  bed_.Tick();
  EXPECT_EQ(bed_.Working(), "a#2");
  bed_.Fail("a#2");
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=failed b=upstream_failed");
}

TEST_F(OperationsTest, CancellingStopsSkipsAndFails) {
  bed_.Declare({DagOf("d", {Task("a"), Task("b", {"a"})})});
  const std::string run = bed_.Trigger("d");
  EXPECT_FALSE(bed_.engine->Cancel("d", run, {.who = "mina"}).ok());  // Without a reason.
  ASSERT_TRUE(bed_.engine->Cancel("d", run, kBecause).ok());
  bed_.Tick();
  EXPECT_EQ(bed_.Working(), "a!");
  bed_.End("a", Error(ErrorKind::kCancelled, "stopped"));
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=failed b=skipped");
  EXPECT_EQ(bed_.Runs("d").back().cause, "cancelled by mina: the source was down");
  const Status again = bed_.engine->Cancel("d", run, kBecause);
  ASSERT_FALSE(again.ok());
  EXPECT_EQ(again.error().kind(), ErrorKind::kConflict);
}

TEST_F(OperationsTest, ARunThatWaitsIsCancelledAlsoWhileItsDagIsPaused) {
  bed_.Declare({DagOf("d", {Task("a")})});
  ASSERT_TRUE(bed_.engine->SetPaused("d", true, kBecause).ok());
  const std::string run = bed_.Trigger("d");
  EXPECT_EQ(bed_.Working(), "");
  ASSERT_TRUE(bed_.engine->Cancel("d", run, kBecause).ok());
  bed_.Tick();
  EXPECT_EQ(bed_.Stored("d", run), "failed: a=skipped");
}

TEST_F(OperationsTest, APoolIsMadeFilledShrunkAndDeleted) {
  ASSERT_TRUE(bed_.engine->SetPool({"p", 2, "two"}, kBecause).ok());
  model::DagTask task = Mapped("m");
  task.pool = "p";
  bed_.counts["m"] = 4;
  bed_.Declare({DagOf("d", {task})});
  const std::string run = bed_.Trigger("d");
  EXPECT_EQ(bed_.Working(), "m m[1]");
  ASSERT_TRUE(bed_.engine->SetPool({"p", 1, "one"}, kBecause).ok());  // Now more than full.
  bed_.Succeed("m");
  EXPECT_EQ(bed_.Working(), "m[1]");
  bed_.Succeed("m[1]");
  EXPECT_EQ(bed_.Working(), "m[2]");
  for (const PoolView& pool : bed_.engine->GetPools()) {
    if (pool.name == "p") {
      EXPECT_EQ(pool.open(), 0);
    }
  }

  EXPECT_EQ(bed_.engine->DeletePool("p", kBecause).error().kind(), ErrorKind::kConflict);
  EXPECT_EQ(bed_.engine->DeletePool("default_pool", kBecause).error().kind(), ErrorKind::kConflict);
  EXPECT_EQ(bed_.engine->DeletePool("none", kBecause).error().kind(), ErrorKind::kNotFound);
  EXPECT_EQ(bed_.engine->SetPool({"q", -1, ""}, kBecause).error().kind(), ErrorKind::kInvalidInput);

  // Declared anew without the pool, but the run under way keeps the plan it began with.
  bed_.Declare({DagOf("d", {Task("m")})});
  bed_.Succeed("m[2]");
  ASSERT_TRUE(bed_.engine->SetPool({"p", 0, "closed"}, kBecause).ok());
  bed_.Succeed("m[3]");
  EXPECT_EQ(bed_.Stored("d", run), "success: m=success*4");
  EXPECT_TRUE(bed_.engine->DeletePool("p", kBecause).ok());
  bed_.Tick();
  bed_.Restart();
  for (const PoolView& pool : bed_.engine->GetPools()) EXPECT_NE(pool.name, "p");
}

TEST_F(OperationsTest, APoolThatARunUnderWayStillNeedsIsNotDeleted) {
  ASSERT_TRUE(bed_.engine->SetPool({"p", 1, ""}, kBecause).ok());
  model::DagTask task = Task("b", {"a"});
  task.pool = "p";
  bed_.Declare({DagOf("d", {Task("a"), task})});
  const std::string run = bed_.Trigger("d");
  bed_.Declare({DagOf("d", {Task("a"), Task("b", {"a"})})});
  EXPECT_FALSE(bed_.engine->DeletePool("p", kBecause).ok());
  bed_.Succeed("a");
  bed_.Succeed("b");
  EXPECT_EQ(bed_.Stored("d", run), "success: a=success b=success");
  EXPECT_TRUE(bed_.engine->DeletePool("p", kBecause).ok());
}

TEST_F(OperationsTest, ALimitThatComesWithANewDeclarationCountsWhatIsRunning) {
  bed_.counts["m"] = 3;
  model::DagTask task = Mapped("m");
  bed_.Declare({DagOf("d", {task})});
  bed_.Trigger("d");
  EXPECT_EQ(bed_.Working(), "m m[1] m[2]");
  task.max_active_tis_per_dag = 2;
  bed_.Declare({DagOf("d", {task})});
  bed_.Trigger("d", bed_.clock.Now() + hours(1));
  EXPECT_EQ(bed_.Working(), "m m[1] m[2]");
  bed_.Succeed("m");
  bed_.Succeed("m[1]");
  EXPECT_EQ(bed_.Working(), "m m[2]");  // One of each run: two.
}

TEST_F(OperationsTest, VariablesAreAuditedWithoutTheirValues) {
  bed_.engine->SetVariable("quota", "hidden-value", kBecause);
  bed_.Tick();
  EXPECT_EQ(LastAudit(), "mina set_variable : quota, the source was down");
  EXPECT_EQ(bed_.queries->Variables().value().at("quota"), "hidden-value");
  bed_.engine->DeleteVariable("quota", kBecause);
  bed_.Tick();
  EXPECT_TRUE(bed_.queries->Variables().value().empty());
}

TEST_F(OperationsTest, WhatReadsTheStoreWaitsForTheCommitOfWhatIsNoted) {
  bed_.Declare({DagOf("d", {Task("a")})});
  const std::string run = bed_.Trigger("d");
  bed_.Fail("a");
  bed_.engine->SetVariable("quota", "1", kBecause);
  // It neither commits by itself nor reads what is out of date.
  EXPECT_FALSE(bed_.engine->Clear({.dag_id = "d", .run_id = run}, kBecause, false).ok());
  EXPECT_TRUE(bed_.store->HasNotes());
  bed_.Tick();
  EXPECT_EQ(Clear({.dag_id = "d", .run_id = run}), 1);
  EXPECT_EQ(bed_.Working(), "a#2");
}

// As when a program is replaced by one whose collecting tasks are mapped.
TEST_F(OperationsTest, ATaskThatBecomesMappedWhileItRunsKeepsItsOneInstance) {
  bed_.Declare({DagOf("d", {Task("a"), Task("b", {"a"})})});
  const std::string run = bed_.Trigger("d");
  EXPECT_EQ(bed_.Working(), "a");
  bed_.counts["a"] = 3;
  bed_.Declare({DagOf("d", {Mapped("a"), Task("b", {"a"})})});
  bed_.Restart();
  EXPECT_EQ(bed_.Working(), "a#2");
  bed_.Succeed("a#2");
  bed_.Succeed("b");
  EXPECT_EQ(bed_.Stored("d", run), "success: a=success b=success");
  bed_.Trigger("d", bed_.clock.Now() + std::chrono::hours(1));
  EXPECT_EQ(bed_.Working(), "a a[1] a[2]");
}

// Read beyond its end: the tries forgiven were kept for the one that stood for all.
TEST_F(OperationsTest, AMappedTaskMarkedAndClearedBeforeItExpandedExpandsAfterARestart) {
  bed_.Declare({DagOf("d", {Task("a"), Mapped("m", {"a"})})});
  bed_.counts["m"] = 3;
  const std::string run = bed_.Trigger("d");
  Mark({.dag_id = "d", .run_id = run, .task_ids = {"m"}}, InstanceState::kSuccess);
  Clear({.dag_id = "d", .run_id = run, .task_ids = {"m"}});
  bed_.Restart();
  bed_.Succeed("a#2");
  EXPECT_EQ(bed_.Working(), "m m[1] m[2]");
  for (const char* one : {"m", "m[1]", "m[2]"}) bed_.Succeed(one);
  EXPECT_EQ(bed_.Stored("d", run), "success: a=success m=success*3");
}

}  // namespace
}  // namespace stargaze::orchestrate
