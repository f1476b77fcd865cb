#include "orchestrate/testing/engine_bed.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <utility>

namespace stargaze::orchestrate::testing {
namespace {

constexpr int kMostTicks = 100;

std::string NameOf(const WorkItem& item) {
  const model::Attempt& attempt = item.context.attempt;
  std::string name = attempt.instance.task_id;
  if (attempt.instance.map_index > 0) name += fmt::format("[{}]", attempt.instance.map_index);
  if (attempt.try_number > 1) name += fmt::format("#{}", attempt.try_number);
  return name;
}

void RemoveFiles(const std::string& path) {
  std::error_code ignored;
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix, ignored);
}

}  // namespace

void HandExecutor::Submit(std::vector<WorkItem> items) {
  for (WorkItem& item : items) {
    const uint64_t ticket = item.ticket;
    working.emplace(ticket, std::move(item));
  }
}

model::DagTask Task(std::string id, std::vector<std::string> after) {
  model::DagTask task;
  task.id = std::move(id);
  task.after = std::move(after);
  task.retries = 0;
  return task;
}

model::Dag DagOf(std::string dag_id, std::vector<model::DagTask> tasks) {
  model::Dag dag;
  dag.dag_id = std::move(dag_id);
  dag.tasks = std::move(tasks);
  return dag;
}

EngineBed::EngineBed(const std::string& name)
    : path_(::testing::TempDir() + "engine-" + name + ".sqlite") {
  RemoveFiles(path_);
  ports.count_of = [this](const auto&, const model::DagTask& task, const auto&) -> Result<int> {
    return counts.at(task.id);
  };
  ports.observe = [this](const Event& event) { events.push_back(event); };
  Restart();
}

EngineBed::~EngineBed() {
  engine.reset();
  queries.reset();
  store.reset();
  RemoveFiles(path_);
}

void EngineBed::Restart() {
  engine.reset();
  queries.reset();
  store.reset();
  executor = std::make_unique<HandExecutor>();
  log_ = std::make_unique<EventLog>(1000, clock);
  auto opened = RunStore::Open({.path = path_});
  ASSERT_TRUE(opened.ok()) << opened.error().message();
  store = std::move(opened).value();
  auto asked = RunQueries::Open(path_);
  ASSERT_TRUE(asked.ok()) << asked.error().message();
  queries = std::move(asked).value();
  engine = std::make_unique<Engine>(*store, options, ports, clock, random, *executor, *log_);
  const Status loaded = engine->Load();
  ASSERT_TRUE(loaded.ok()) << loaded.error().message();
  const std::vector<std::string> errors = DeclareNow();
  ASSERT_TRUE(errors.empty()) << errors.front();
  Tick();
}

std::vector<std::string> EngineBed::Declare(std::vector<model::Dag> dags) {
  dags_ = std::move(dags);
  std::vector<std::string> errors = DeclareNow();
  Tick();
  return errors;
}

std::vector<std::string> EngineBed::DeclareNow() {
  std::vector<Engine::Declared> declared;
  std::vector<std::string> errors;
  for (const model::Dag& dag : dags_) {
    auto plan = PlanDag(dag);
    if (!plan.ok()) {
      errors.push_back(plan.error().message());
      continue;
    }
    auto bodies = std::make_shared<std::vector<TaskBody>>(dag.tasks.size());
    declared.push_back({.plan = std::move(plan).value(), .bodies = std::move(bodies)});
  }
  for (const Error& error : engine->SetDags(std::move(declared))) errors.push_back(error.message());
  return errors;
}

void EngineBed::Tick() {
  for (int i = 0; i < kMostTicks; ++i) {
    engine->Tick();
    if (engine->NextWake() > clock.Now()) return;
  }
  FAIL() << "the engine does not come to rest";
}

void EngineBed::Advance(std::chrono::seconds by) {
  clock.Set(clock.Now() + by);
  Tick();
}

std::string EngineBed::Trigger(const std::string& dag_id, std::optional<Instant> date) {
  const auto run = engine->Trigger({.dag_id = dag_id, .logical_date = date}, {.who = "test"});
  EXPECT_TRUE(run.ok()) << run.error().message();
  if (!run.ok()) return "";
  Tick();
  return run.value().run.run_id;
}

std::string EngineBed::Working() const {
  std::vector<std::string> names;
  for (const auto& [ticket, item] : executor->working) {
    const bool stopped = std::find(executor->stopped.begin(), executor->stopped.end(), ticket) !=
                         executor->stopped.end();
    names.push_back(NameOf(item) + (stopped ? "!" : ""));
  }
  std::sort(names.begin(), names.end());
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : " ") + name;
  return text;
}

void EngineBed::End(const std::string& name, Result<Outcome> result) {
  const auto at = std::find_if(executor->working.begin(),
                               executor->working.end(),
                               [&](const auto& entry) { return NameOf(entry.second) == name; });
  ASSERT_NE(at, executor->working.end()) << name << " is not at work, but: " << Working();
  executor->done.push_back(
      {.ticket = at->first, .result = std::move(result), .ended_at = clock.Now()});
  executor->working.erase(at);
  Tick();
}

std::string EngineBed::Stored(const std::string& dag_id, const std::string& run_id) {
  const auto run = queries->Run(dag_id, run_id);
  if (!run.ok()) return run.error().message();
  std::string text(orchestrate::NameOf(run.value().state));
  text += ":";
  const auto states = queries->Counts(dag_id, run_id);
  if (!states.ok()) return states.error().message();
  for (const auto& [task_id, of_task] : states.value()) {
    for (std::size_t i = 0; i < kInstanceStates; ++i) {
      if (of_task[i] == 0) continue;
      text += fmt::format(" {}={}", task_id, orchestrate::NameOf(static_cast<InstanceState>(i)));
      if (of_task[i] > 1) text += fmt::format("*{}", of_task[i]);
    }
  }
  return text;
}

std::vector<RunView> EngineBed::Runs(const std::string& dag_id) {
  RunFilter filter;
  filter.dag_id = dag_id;
  const auto page = queries->Runs(filter);
  EXPECT_TRUE(page.ok());
  std::vector<RunView> runs = page.ok() ? page.value().runs : std::vector<RunView>();
  std::reverse(runs.begin(), runs.end());
  return runs;
}

}  // namespace stargaze::orchestrate::testing
