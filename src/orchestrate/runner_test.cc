#include "orchestrate/runner.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "base/virtual_clock.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::seconds;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const Instant kStart = ParseInstant("2026-09-01T11:50:00Z").value();

class RunnerTest : public ::testing::Test {
 protected:
  // Each task answers what it is given to say, one per try; the last answer repeats.
  void Add(const std::string& id,
           std::vector<std::string> after,
           std::vector<Result<Outcome>> answers,
           int retries = 1) {
    pipeline_.tasks.push_back(
        {.id = id, .uses = "say", .after = std::move(after), .retries = retries});
    bodies_[id] = [this, id, answers = std::move(answers), next = std::size_t{0}](
                      const TaskContext& context) mutable {
      contexts_.push_back(context);
      ran_.push_back(id);
      const std::size_t answer = std::min(next++, answers.size() - 1);
      return answers[answer];
    };
  }

  RunReport Run() {
    VirtualClock::Actor actor(clock_);
    auto report = RunPipeline(pipeline_, run_, bodies_, clock_, random_, options_);
    EXPECT_TRUE(report.ok()) << report.error().message();
    return report.ok() ? std::move(report).value() : RunReport();
  }

  std::vector<std::string> States(const RunReport& report) {
    std::vector<std::string> states;
    for (const TaskReport& task : report.tasks)
      states.push_back(task.task_id + " " + std::string(NameOf(task.state)));
    return states;
  }

  VirtualClock clock_{kStart};
  Random random_{1};
  model::Pipeline pipeline_{.dag_id = "dag"};
  model::Run run_{.dag_id = "dag", .run_id = "manual__20260901T115000Z", .logical_date = kStart};
  TaskBodies bodies_;
  RunOptions options_;
  std::vector<TaskContext> contexts_;
  std::vector<std::string> ran_;
};

TEST_F(RunnerTest, RunsTasksInTheOrderOfTheirDependencies) {
  Add("load", {"refine"}, {Outcome::Success("loaded")});
  Add("refine", {"collect_a", "collect_b"}, {Outcome::Success("")});
  Add("collect_b", {}, {Outcome::Success("")});
  Add("collect_a", {}, {Outcome::Success("")});
  const RunReport report = Run();
  EXPECT_EQ(report.state, RunState::kSuccess);
  EXPECT_THAT(ran_, ElementsAre("collect_b", "collect_a", "refine", "load"));
  EXPECT_EQ(report.tasks.back().detail, "loaded");
  EXPECT_EQ(report.tasks.back().tries, 1);
  EXPECT_THAT(contexts_[0].attempt.Name(),
              HasSubstr("dag.manual__20260901T115000Z.collect_b.0.1-"));
  EXPECT_EQ(contexts_[0].deadline, kStart + options_.task_limit);
}

TEST_F(RunnerTest, AFailedTaskStopsOnlyWhatWaitsForIt) {
  Add("a", {}, {Error(ErrorKind::kInvalidInput, "bad")}, 5);
  Add("b", {"a"}, {Outcome::Success("")});
  Add("c", {"b"}, {Outcome::Success("")});
  Add("d", {}, {Outcome::Success("")});
  const RunReport report = Run();
  EXPECT_EQ(report.state, RunState::kFailed);
  EXPECT_THAT(States(report),
              ElementsAre("a failed", "b upstream_failed", "c upstream_failed", "d success"));
  EXPECT_EQ(report.tasks[0].tries, 1);  // Nothing that trying again could mend.
  EXPECT_EQ(report.tasks[0].error->message(), "bad");
  EXPECT_EQ(report.tasks[1].tries, 0);
}

TEST_F(RunnerTest, TriesAgainWhenTheErrorMayPass) {
  Add("a",
      {},
      {Error(ErrorKind::kUnavailable, "down"),
       Error(ErrorKind::kRateLimited, "slow").After(seconds(300)),
       Outcome::Success("at last")},
      2);
  const RunReport report = Run();
  EXPECT_EQ(report.state, RunState::kSuccess);
  EXPECT_EQ(report.tasks[0].tries, 3);
  EXPECT_EQ(report.ended_at, kStart + seconds(60) + seconds(300));
  EXPECT_FALSE(contexts_[1].last_try);
  EXPECT_TRUE(contexts_[2].last_try);
  EXPECT_EQ(contexts_[2].attempt.try_number, 3);
  EXPECT_NE(contexts_[0].attempt.hex, contexts_[1].attempt.hex);
}

TEST_F(RunnerTest, DoublesItsDelayAndGivesUp) {
  Add("a", {}, {Error(ErrorKind::kTimeout, "late")}, 3);
  const RunReport report = Run();
  EXPECT_THAT(States(report), ElementsAre("a failed"));
  EXPECT_EQ(report.tasks[0].tries, 4);
  EXPECT_EQ(report.ended_at, kStart + seconds(60 + 120 + 240));
}

TEST_F(RunnerTest, ATaskThatAsksForAnotherTryGetsItAtItsTime) {
  const Instant at = kStart + seconds(1000);
  Add("a",
      {},
      {Outcome{.state = OutcomeState::kRetry, .detail = "two failed", .at = at},
       Outcome::Partial("one failed")});
  Add("b", {"a"}, {Outcome::Success("")});
  const RunReport report = Run();
  EXPECT_EQ(report.state, RunState::kPartial);
  EXPECT_THAT(States(report), ElementsAre("a partial", "b success"));
  EXPECT_EQ(report.tasks[0].ended_at, at);
  EXPECT_TRUE(contexts_[1].last_try);
}

TEST_F(RunnerTest, ARetryOnTheLastTryIsAFailure) {
  Add("a", {}, {Outcome{.state = OutcomeState::kRetry, .detail = "two failed"}});
  const RunReport report = Run();
  EXPECT_EQ(report.tasks[0].tries, 2);
  EXPECT_EQ(report.tasks[0].error->message(), "no try remains: two failed");
}

TEST_F(RunnerTest, ReschedulingUsesUpNoTryButIsBounded) {
  options_.max_reschedules = 3;
  const Outcome later{
      .state = OutcomeState::kReschedule, .detail = "not ready", .at = kStart + seconds(5)};
  Add("a", {}, {later, later, later, Outcome::Success("")});
  Add("b", {}, {later});
  const RunReport report = Run();
  EXPECT_THAT(States(report), ElementsAre("a success", "b failed"));
  EXPECT_EQ(report.tasks[0].tries, 1);
  EXPECT_EQ(ran_.size(), 8U);
}

TEST_F(RunnerTest, DoesNotWaitBeyondItsLimit) {
  options_.task_limit = seconds(100);
  Add("a", {}, {Error(ErrorKind::kRateLimited, "HTTP 429").After(seconds(3600))}, 5);
  const RunReport report = Run();
  EXPECT_THAT(States(report), ElementsAre("a failed"));
  EXPECT_EQ(report.ended_at, kStart);
  EXPECT_EQ(report.tasks[0].error->message(),
            "no time for another try before 2026-09-01T11:51:40Z: HTTP 429");
}

TEST_F(RunnerTest, WhatFollowsASkippedTaskRuns) {
  Add("a", {}, {Outcome::Skip("a partial search unfollows nobody")});
  Add("b", {"a"}, {Outcome::Success("")});
  const RunReport report = Run();
  EXPECT_EQ(report.state, RunState::kSuccess);
  EXPECT_THAT(States(report), ElementsAre("a skipped", "b success"));
}

TEST_F(RunnerTest, ContinuesARunWithoutRepeatingWhatIsDone) {
  Add("a", {}, {Outcome::Success("")});
  Add("b", {"a"}, {Outcome::Success("")});
  Add("c", {"b"}, {Outcome::Success("")});
  std::vector<std::string> told;
  options_.task_ended = [&](const TaskReport& report) { told.push_back(report.task_id); };
  options_.already_done = [](const std::string& id) -> std::optional<OutcomeState> {
    if (id == "a") return OutcomeState::kPartial;
    if (id == "b") return OutcomeState::kFail;  // Failed then: it gets another chance.
    return std::nullopt;
  };
  const RunReport report = Run();
  EXPECT_THAT(ran_, ElementsAre("b", "c"));
  EXPECT_EQ(report.state, RunState::kPartial);
  EXPECT_TRUE(report.tasks[0].done_before);
  EXPECT_FALSE(report.tasks[1].done_before);
  EXPECT_THAT(told, ElementsAre("a", "b", "c"));
}

TEST_F(RunnerTest, AStopCancelsWhatHasNotEnded) {
  std::stop_source source;
  options_.stop = source.get_token();
  Add("a", {}, {Outcome::Success("")});
  Add("b", {"a"}, {Error(ErrorKind::kUnavailable, "down")}, 5);
  Add("c", {"b"}, {Outcome::Success("")});
  options_.try_begins = [&](const TaskContext& context) {
    if (context.attempt.instance.task_id == "b") source.request_stop();
  };
  const RunReport report = Run();
  EXPECT_EQ(report.state, RunState::kCancelled);
  EXPECT_THAT(States(report), ElementsAre("a success", "b cancelled", "c cancelled"));
  EXPECT_THAT(ran_, ElementsAre("a", "b"));
}

TEST_F(RunnerTest, PassesProgressOnUnderTheTasksName) {
  pipeline_.tasks.push_back({.id = "a", .uses = "say"});
  bodies_["a"] = [](const TaskContext& context) -> Result<Outcome> {
    context.progress("half");
    return Outcome::Success("");
  };
  std::string line;
  options_.progress = [&](const std::string& id, std::string_view text) {
    line = id + ": " + std::string(text);
  };
  Run();
  EXPECT_EQ(line, "a: half");
}

TEST_F(RunnerTest, RefusesWhatCannotRun) {
  Add("a", {"b"}, {Outcome::Success("")});
  Add("b", {"c"}, {Outcome::Success("")});
  Add("c", {"b"}, {Outcome::Success("")});
  auto report = RunPipeline(pipeline_, run_, bodies_, clock_, random_);
  ASSERT_FALSE(report.ok());
  EXPECT_EQ(report.error().message(), "tasks wait for each other: b after c after b");
  pipeline_.tasks[1].after = {"x"};
  EXPECT_THAT(RunPipeline(pipeline_, run_, bodies_, clock_, random_).error().message(),
              HasSubstr("unknown task: dag=dag task=b after=x"));
  pipeline_.tasks[1].after = {};
  pipeline_.tasks[0].id = "c";
  EXPECT_THAT(RunPipeline(pipeline_, run_, bodies_, clock_, random_).error().message(),
              HasSubstr("two tasks have one id: dag=dag task=c"));
  pipeline_.tasks[0].id = "a";
  bodies_.erase("c");
  EXPECT_THAT(RunPipeline(pipeline_, run_, bodies_, clock_, random_).error().message(),
              HasSubstr("nothing to run: dag=dag task=c"));
  EXPECT_TRUE(ran_.empty());
}

}  // namespace
}  // namespace stargaze::orchestrate
