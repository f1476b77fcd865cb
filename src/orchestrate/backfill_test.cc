// Backfills: which runs they make, in what order, how many at once.

#include <gtest/gtest.h>

#include "orchestrate/testing/engine_bed.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::hours;
using testing::DagOf;
using testing::EngineBed;
using testing::Task;

const ManualAction kBecause{.who = "mina", .reason = "new columns"};
constexpr Instant kFirst{std::chrono::sys_days(std::chrono::year(2026) / 8 / 1)};

Instant Date(int number) {
  return kFirst + hours(24 * number);
}

class BackfillTest : public ::testing::Test {
 protected:
  BackfillTest() {
    bed_.ports.runs_between = [](const auto&, Instant from, Instant to, std::size_t limit) {
      std::vector<DueRun> due;
      for (int i = 0; i < 10 && due.size() < limit; ++i)
        if (Date(i) >= from && Date(i) <= to)
          due.push_back({.logical_date = Date(i), .data_start = Date(i), .data_end = Date(i + 1)});
      return due;
    };
    bed_.ports.due_runs = [this](const auto&, std::optional<Instant> last, Instant, Instant) {
      TimetableAnswer answer;
      for (const Instant date : scheduled_)
        if (!last || date > *last) answer.due.push_back({.logical_date = date});
      return answer;
    };
    bed_.Restart();
    model::Dag dag = DagOf("d", {Task("a")});
    dag.schedule = {.kind = model::ScheduleKind::kInterval, .interval = hours(24)};
    dag.max_active_runs = 1;
    bed_.Declare({dag});
  }

  BackfillPlan Start(BackfillRequest request) {
    request.dag_id = "d";
    const auto plan = bed_.engine->Backfill(request, kBecause);
    EXPECT_TRUE(plan.ok()) << plan.error().message();
    bed_.Tick();
    return plan.ok() ? plan.value() : BackfillPlan();
  }
  // "1=success 2=running": the runs in the order in which they were made, by number of the date.
  std::string Made() {
    std::string text;
    for (const RunView& run : bed_.Runs("d")) {
      const auto days = (run.run.logical_date - kFirst) / hours(24);
      text +=
          (text.empty() ? "" : " ") + std::to_string(days) + "=" + std::string(NameOf(run.state));
    }
    return text;
  }
  BackfillView View() { return bed_.queries->Backfills("d", 1).value().front(); }

  std::vector<Instant> scheduled_{};
  EngineBed bed_{::testing::UnitTest::GetInstance()->current_test_info()->name()};
};

TEST_F(BackfillTest, GoesForwardsWithItsOwnLimit) {
  const BackfillPlan plan = Start({.from = Date(1), .to = Date(4), .max_active_runs = 2});
  EXPECT_EQ(plan.dates, (std::vector<Instant>{Date(1), Date(2), Date(3), Date(4)}));
  EXPECT_EQ(Made(), "1=running 2=running");  // Although the DAG itself may have one.
  bed_.Succeed("a");
  EXPECT_EQ(Made(), "1=success 2=running 3=running");
  bed_.Fail("a");
  bed_.Succeed("a");
  bed_.Succeed("a");
  EXPECT_EQ(Made(), "1=success 2=failed 3=success 4=success");
  EXPECT_EQ(View().state, BackfillState::kDone);
  EXPECT_EQ(View().succeeded, 3);
  EXPECT_EQ(View().failed, 1);
}

TEST_F(BackfillTest, GoesBackwards) {
  Start({.from = Date(1), .to = Date(3), .backwards = true});
  for (int i = 0; i < 3; ++i) bed_.Succeed("a");
  EXPECT_EQ(Made(), "3=success 2=success 1=success");
}

TEST_F(BackfillTest, ADryRunMakesNothing) {
  Start({.from = Date(2), .to = Date(2)});
  bed_.Succeed("a");
  const BackfillPlan plan = Start({.from = Date(1), .to = Date(3), .dry_run = true});
  EXPECT_EQ(plan.number, 0);
  EXPECT_EQ(plan.dates.size(), 3U);
  EXPECT_EQ(plan.existing, 1);
  EXPECT_EQ(Made(), "2=success");
}

TEST_F(BackfillTest, ReprocessesWhatItIsToldTo) {
  Start({.from = Date(1), .to = Date(2)});
  bed_.Succeed("a");
  bed_.Fail("a");
  ASSERT_EQ(Made(), "1=success 2=failed");
  Start({.from = Date(1), .to = Date(2)});
  EXPECT_EQ(bed_.Working(), "");
  Start({.from = Date(1), .to = Date(2), .reprocess = Reprocess::kFailed});
  EXPECT_EQ(bed_.Working(), "a#2");
  bed_.Succeed("a#2");
  EXPECT_EQ(Made(), "1=success 2=success");
  Start({.from = Date(1), .to = Date(2), .reprocess = Reprocess::kCompleted});
  bed_.Succeed("a#2");
  bed_.Succeed("a#3");
  EXPECT_EQ(View().state, BackfillState::kDone);
}

TEST_F(BackfillTest, IsPausedResumedAndCancelled) {
  const int64_t number = Start({.from = Date(1), .to = Date(4)}).number;
  const auto set = [&](BackfillState state) {
    EXPECT_TRUE(bed_.engine->SetBackfillState(number, state, kBecause).ok());
    bed_.Tick();
  };
  set(BackfillState::kPaused);
  bed_.Succeed("a");
  EXPECT_EQ(Made(), "1=success");
  bed_.Restart();
  set(BackfillState::kRunning);
  EXPECT_EQ(Made(), "1=success 2=running");
  set(BackfillState::kCancelled);
  bed_.Succeed("a");
  EXPECT_EQ(Made(), "1=success 2=success");  // What runs ends, nothing follows.
  EXPECT_FALSE(bed_.engine->SetBackfillState(number, BackfillState::kRunning, kBecause).ok());
}

TEST_F(BackfillTest, GoesOnAfterARestart) {
  Start({.from = Date(1), .to = Date(3), .max_active_runs = 2});
  bed_.Succeed("a");
  bed_.Restart();
  EXPECT_EQ(Made(), "1=success 2=running 3=running");
  bed_.Succeed("a#2");
  bed_.Succeed("a#2");
  EXPECT_EQ(Made(), "1=success 2=success 3=success");
  EXPECT_EQ(View().state, BackfillState::kDone);
}

TEST_F(BackfillTest, TheScheduleDoesNotMakeADateAgain) {
  Start({.from = Date(1), .to = Date(2), .max_active_runs = 2});
  scheduled_ = {Date(1), Date(2), Date(3)};
  bed_.Succeed("a");
  bed_.Succeed("a");
  ASSERT_TRUE(bed_.engine->SetPaused("d", false, kBecause).ok());
  bed_.Tick();
  EXPECT_EQ(Made(), "1=success 2=success 3=running");
}

TEST_F(BackfillTest, ADateThatTheScheduleHasJustMadeIsNotMadeAgain) {
  scheduled_ = {Date(2)};
  ASSERT_TRUE(bed_.engine->SetPaused("d", false, kBecause).ok());  // Asks the timetable.
  Start({.from = Date(1), .to = Date(2), .max_active_runs = 5});
  EXPECT_EQ(Made(), "2=running 1=running");
}

TEST_F(BackfillTest, ItsRunsClearedByHandKeepToTheLimitOfTheDag) {
  Start({.from = Date(1), .to = Date(3), .max_active_runs = 3});
  for (int i = 0; i < 3; ++i) bed_.Succeed("a");
  Selection all{.dag_id = "d", .run_id = bed_.Runs("d").front().run.run_id, .future = true};
  ASSERT_TRUE(bed_.engine->Clear(all, kBecause, false).ok());
  bed_.Tick();
  EXPECT_EQ(Made(), "1=running 2=queued 3=queued");
}

TEST_F(BackfillTest, RefusesWhatMakesNoSense) {
  const std::vector<BackfillRequest> cases{
      {.dag_id = "none", .from = Date(1), .to = Date(2)},
      {.dag_id = "d", .from = Date(2), .to = Date(1)},
      {.dag_id = "d", .from = Date(1), .to = Date(2), .max_active_runs = 0},
      {.dag_id = "d", .from = Date(20), .to = Date(21)},
  };
  for (const BackfillRequest& request : cases)
    EXPECT_FALSE(bed_.engine->Backfill(request, kBecause).ok());
}

TEST_F(BackfillTest, ACancelledOneIsNotRevived) {
  const BackfillPlan plan = Start({.from = Date(0), .to = Date(3)});
  const auto set = [&](BackfillState state) {
    const Status done = bed_.engine->SetBackfillState(plan.number, state, kBecause);
    bed_.Tick();
    return done.ok();
  };
  EXPECT_TRUE(set(BackfillState::kPaused));
  EXPECT_TRUE(set(BackfillState::kCancelled));
  EXPECT_FALSE(set(BackfillState::kRunning));
  bed_.Succeed("a");
  EXPECT_EQ(Made(), "0=success");
}

TEST_F(BackfillTest, ReprocessingWaitsForAnAbandonedBody) {
  const std::string run = bed_.Trigger("d", Date(0));
  ASSERT_TRUE(bed_.engine->Cancel("d", run, kBecause).ok());
  bed_.Tick();
  bed_.Advance(bed_.options.stop_grace);
  ASSERT_EQ(Made(), "0=failed");
  ASSERT_EQ(bed_.engine->GetHealth().abandoned, 1);
  Start({.from = Date(0), .to = Date(0), .reprocess = Reprocess::kCompleted});
  EXPECT_EQ(bed_.Working(), "a!");  // Never two bodies of one instance.
  bed_.End("a", Error(ErrorKind::kCancelled, "at last"));
  EXPECT_EQ(bed_.Working(), "a#2");
}

}  // namespace
}  // namespace stargaze::orchestrate
