#include "orchestrate/testing/simulation.h"

#include <fmt/core.h>

#include <filesystem>
#include <functional>
#include <map>
#include <utility>

#include "orchestrate/engine.h"
#include "orchestrate/run_queries.h"
#include "orchestrate/testing/manual_operations.h"
#include "orchestrate/testing/simulated_world.h"

namespace stargaze::orchestrate::testing {
namespace {

using std::chrono::seconds;

// Bodies take virtual time; their outcome is decided when they begin.
class SimulatedExecutor final : public Executor {
 public:
  SimulatedExecutor(World& world, std::function<void(const WorkItem&)> on_begin)
      : world_(world), on_begin_(std::move(on_begin)) {}

  std::size_t Capacity(model::TaskLoad load) const override {
    return load == model::TaskLoad::kCpu ? 2 : 64;
  }
  void Submit(std::vector<WorkItem> items) override {
    for (WorkItem& item : items) {
      const Instant end = world_.clock.Now() + seconds(world_.Roll(40));
      ++world_.bodies;
      on_begin_(item);
      for (const auto& [ticket, other] : working)
        if (KeyOf(other.item) == KeyOf(item)) world_.Break("two bodies of one instance");
      const uint64_t ticket = item.ticket;
      working.emplace(ticket, Work{.item = std::move(item), .end = end});
    }
  }
  void RequestStop(uint64_t ticket) override {
    const auto at = working.find(ticket);
    if (at == working.end()) return;
    at->second.stopped = true;
    // Some never notice and work on to their end.
    if (world_.OneIn(10)) return;
    at->second.end = std::min(at->second.end, world_.clock.Now() + seconds(1));
    at->second.ends_as_it_would = world_.OneIn(4);
  }
  std::vector<WorkDone> TakeDone() override {
    std::vector<WorkDone> done;
    for (auto at = working.begin(); at != working.end();) {
      if (at->second.end > world_.clock.Now()) {
        ++at;
        continue;
      }
      WorkDone one{.ticket = at->first, .ended_at = at->second.end};
      if (at->second.stopped && !at->second.ends_as_it_would) {
        one.result = Error(ErrorKind::kCancelled, "stopped");
      } else {
        one.result = at->second.item.body(at->second.item.context);
      }
      const bool success = one.result.ok() && one.result.value().state == OutcomeState::kSuccess;
      returned.emplace_back(KeyOf(at->second.item), success);
      done.push_back(std::move(one));
      at = working.erase(at);
    }
    return done;
  }
  bool RunAside(std::function<void()> callback) override {
    callback();
    return true;
  }
  void OnDone(std::function<void()>) override {}

  static Key KeyOf(const WorkItem& item) {
    const model::TaskInstance& instance = item.context.attempt.instance;
    return {instance.run.dag_id, instance.run.run_id, instance.task_id, instance.map_index};
  }

  struct Work {
    WorkItem item{};
    Instant end{};
    bool stopped = false;
    bool ends_as_it_would = false;  // Was asked to stop when it had nearly ended.
  };
  std::map<uint64_t, Work> working;
  std::vector<std::pair<Key, bool>> returned;  // In this tick, and whether with success.

 private:
  World& world_;
  const std::function<void(const WorkItem&)> on_begin_;
};

class CrashingStore final : public RunStore {
 public:
  static Result<std::unique_ptr<CrashingStore>> Open(const std::string& path, World& world) {
    SG_TRY(auto database, storage::Sqlite::Open(path));
    SG_RETURN_IF_ERROR(database->Execute("PRAGMA synchronous = OFF"));
    std::unique_ptr<CrashingStore> store(new CrashingStore(std::move(database), world));
    SG_RETURN_IF_ERROR(store->Load());
    return store;
  }

  Status Commit() override {
    const uint64_t fate = armed ? world_.Roll(400) : 400;
    if (fate < 3) crash_after_writes_ = world_.Roll(6);
    Status done = RunStore::Commit();
    crash_after_writes_.reset();
    if (fate == 3) {  // After the commit, before anything begins.
      crashed = true;
    }
    committed = committed || done.ok();
    if (crashed) return Error(ErrorKind::kInternal, "crash");
    return done;
  }

  bool armed = false;
  bool crashed = false;
  bool committed = false;

 protected:
  Status Write(const Note& note) override {
    if (crash_after_writes_ && (*crash_after_writes_)-- == 0) {
      crashed = true;
      return Error(ErrorKind::kInternal, "crash");
    }
    return RunStore::Write(note);
  }

 private:
  CrashingStore(std::unique_ptr<storage::Sqlite> database, World& world)
      : RunStore(std::move(database)), world_(world) {}

  World& world_;
  std::optional<uint64_t> crash_after_writes_;
};

model::Dag RandomDag(World& world, int number) {
  model::Dag dag;
  dag.dag_id = fmt::format("dag{}", number);
  dag.schedule = {.kind = model::ScheduleKind::kInterval,
                  .interval = seconds(600 + 60 * world.Roll(20))};
  dag.start_date = world.clock.Now();
  dag.max_active_runs = 1 + static_cast<int>(world.Roll(3));
  dag.max_active_tasks = 1 + static_cast<int>(world.Roll(8));
  dag.dagrun_timeout = seconds(3600);  // So that a run that waits for its past ends, too.
  const auto size = static_cast<int>(1 + world.Roll(7));
  for (int i = 0; i < size; ++i) {
    model::DagTask task;
    task.id = fmt::format("t{}", i);
    for (int before = 0; before < i; ++before)
      if (world.Roll(3) == 0) task.after.push_back(fmt::format("t{}", before));
    if (world.Roll(4) == 0) task.for_each = "followed";
    do {
      task.trigger_rule = static_cast<model::TriggerRule>(world.Roll(12));
    } while (!task.for_each.empty() && task.trigger_rule == model::TriggerRule::kAlways);
    task.pool = world.Roll(2) == 0 ? "small" : "default_pool";
    task.pool_slots = 1 + static_cast<int>(world.Roll(2));
    task.priority_weight = static_cast<int>(world.Roll(5));
    task.weight_rule = static_cast<model::WeightRule>(world.Roll(3));
    task.load = world.Roll(4) == 0 ? model::TaskLoad::kCpu : model::TaskLoad::kWaiting;
    task.retries = static_cast<int>(world.Roll(3));
    task.retry_delay = seconds(world.Roll(30));
    task.retry_exponential_backoff = world.Roll(2) == 0;
    if (world.Roll(3) == 0) task.execution_timeout = seconds(5 + world.Roll(30));
    task.depends_on_past = world.Roll(8) == 0;
    if (world.Roll(5) == 0) task.max_active_tis_per_dag = 1 + static_cast<int>(world.Roll(2));
    dag.tasks.push_back(std::move(task));
  }
  return dag;
}

Result<Outcome> RandomOutcome(World& world) {
  switch (world.Roll(16)) {
    case 0:
      return Error(ErrorKind::kUnavailable, "HTTP 502");
    case 1:
      return Error(ErrorKind::kInvalidInput, "never works");
    case 2:
      return Outcome::Skip("nothing to do");
    case 3:
      return Outcome{.state = OutcomeState::kReschedule, .at = world.clock.Now() + seconds(20)};
    case 4:
      return Outcome{.state = OutcomeState::kRetry};
    default:
      return Outcome::Success("done");
  }
}

TimetableAnswer Due(const model::Dag& dag, std::optional<Instant> last, Instant now, int most) {
  TimetableAnswer answer;
  Instant next = last ? *last + dag.schedule.interval : *dag.start_date;
  for (; next <= now && most-- > 0; next += dag.schedule.interval)
    answer.due.push_back({.logical_date = next, .data_start = next, .data_end = next});
  answer.next = next;
  return answer;
}

std::vector<DueRun> Between(const model::Dag& dag, Instant from, Instant to, std::size_t limit) {
  std::vector<DueRun> dates;
  for (Instant date = *dag.start_date; date <= to && dates.size() < limit;
       date += dag.schedule.interval)
    if (date >= from) dates.push_back({.logical_date = date, .data_start = date, .data_end = date});
  return dates;
}

UpstreamCounts UpstreamOf(const ActiveRun& run, std::size_t index) {
  UpstreamCounts upstream;
  for (const std::size_t before : run.plan().tasks[index].upstream) {
    for (const InstanceState state : run.task(before).states) {
      ++upstream.total;
      upstream.Move(InstanceState::kNone, state);
    }
  }
  return upstream;
}

Decision DecisionOf(const ActiveRun& run, std::size_t index) {
  const model::DagTask& declared = run.declared(index);
  return Decide(declared.trigger_rule, UpstreamOf(run, index), !declared.for_each.empty());
}

class Simulation {
 public:
  Simulation(uint64_t seed, std::string path) : path_(std::move(path)) { world_.dice.seed(seed); }

  Result<SimulationReport> Run() {
    people_.Begin();
    const uint64_t count = 1 + world_.Roll(3);
    for (uint64_t i = 0; i < count; ++i) dags_.push_back(RandomDag(world_, static_cast<int>(i)));
    const Instant makes_runs_until = world_.clock.Now() + std::chrono::hours(1);
    SG_RETURN_IF_ERROR(Boot());
    for (; report_.steps < kMaxSteps; ++report_.steps) {
      makes_runs_ = world_.clock.Now() < makes_runs_until;
      store_->armed = makes_runs_;
      executor_->returned.clear();
      store_->committed = false;
      if (makes_runs_) people_.Perhaps();
      if (!makes_runs_ && !std::exchange(is_restored_, true)) people_.Restore();
      engine_->Tick();
      if (store_->committed) people_.Committed();
      NoteSuccesses();
      if (!world_.broken.empty()) return Broken(world_.broken);
      if (store_->crashed) {
        ++report_.crashes;
        SG_RETURN_IF_ERROR(Boot());
        continue;
      }
      Check();
      if (!world_.broken.empty()) return Broken(world_.broken);
      if (!makes_runs_ && IsAtRest()) return Finish();
      Advance();
    }
    return Broken("some run never ends");
  }

 private:
  static constexpr int64_t kMaxSteps = 40'000;

  bool IsAtRest() const {
    return engine_->runs().empty() && executor_->working.empty() &&
           engine_->NextWake() > world_.clock.Now();
  }

  Error Broken(const std::string& what) const {
    return {ErrorKind::kInternal, fmt::format("step {}: {}", report_.steps, what)};
  }

  Status Boot() {
    engine_.reset();
    executor_ = std::make_unique<SimulatedExecutor>(  // Its bodies went with the process.
        world_,
        [this](const WorkItem& item) { CheckBeginning(item); });
    store_.reset();
    SG_TRY(store_, CrashingStore::Open(path_, world_));
    SchedulerOptions options;
    options.parallelism = 10;
    options.pools = {{"default_pool", 6, ""}, {"small", 2, ""}};
    options.stop_grace = seconds(5);
    options.free_lost_tries = 50;
    SchedulerPorts ports;
    ports.count_of = [this](const auto&, const auto&, const auto&) -> Result<int> {
      return static_cast<int>(world_.Roll(6));
    };
    ports.due_runs = [this](const auto& dag, auto last, Instant, Instant now) {
      return makes_runs_ ? Due(dag, last, now, 2) : TimetableAnswer{};
    };
    ports.runs_between = &Between;
    engine_ =
        std::make_unique<Engine>(*store_, options, ports, world_.clock, random_, *executor_, log_);
    SG_RETURN_IF_ERROR(engine_->Load());
    std::vector<Engine::Declared> declared;
    for (const model::Dag& dag : dags_) {
      SG_TRY(auto plan, PlanDag(dag));
      auto bodies = std::make_shared<std::vector<TaskBody>>(
          dag.tasks.size(), [this](const TaskContext&) { return RandomOutcome(world_); });
      declared.push_back({.plan = std::move(plan), .bodies = std::move(bodies)});
    }
    for (const Error& error : engine_->SetDags(std::move(declared))) return error;
    in_use_.clear();
    return people_.Booted(*engine_);
  }

  void CheckBeginning(const WorkItem& item) {
    const model::TaskInstance& instance = item.context.attempt.instance;
    if (people_.now().paused.contains(instance.run.dag_id))
      world_.Break("a body of a paused DAG began");
    for (const auto& [number, run] : engine_->runs()) {
      if (run->stored.view.run.run_id != instance.run.run_id ||
          run->stored.view.run.dag_id != instance.run.dag_id)
        continue;
      if (run->stored.cancelled) world_.Break("a body of a cancelled run began");
      if (DecisionOf(*run, run->plan().IndexOf(instance.task_id)) != Decision::kRun)
        world_.Break("a body began against its rule");
    }
  }

  // A success that is on disk must never be followed by another, unless somebody wants it.
  void NoteSuccesses() {
    if (!store_->committed) return;
    for (const auto& [key, success] : executor_->returned) {
      if (success && !people_.IsBeingCleared(key)) people_.Succeeded(key);
      people_.Stopped(key);
    }
  }

  void Check() {
    std::map<std::string, int64_t> slots;
    std::map<std::string, int64_t> of_dag;
    std::map<std::pair<std::string, std::string>, int> of_task;
    std::map<std::string, int> runs;
    std::map<int64_t, int> of_backfill;
    int64_t flying = 0;
    for (const auto& [number, run] : engine_->runs()) {
      const model::Dag& dag = run->plan().dag;
      const int64_t backfill = run->stored.view.backfill;
      ++(backfill == 0 ? runs[dag.dag_id] : of_backfill[backfill]);
      for (std::size_t i = 0; i < run->size(); ++i) {
        const RunTask& task = run->task(i);
        const int64_t in_slots =
            task.Count(InstanceState::kQueued) + task.Count(InstanceState::kRunning);
        flying += in_slots;
        slots[dag.tasks[i].pool] += in_slots * dag.tasks[i].pool_slots;
        of_dag[dag.dag_id] += in_slots;
        of_task[{dag.dag_id, dag.tasks[i].id}] += static_cast<int>(in_slots);
        CheckTask(*run, i);
      }
    }
    if (flying > 10) world_.Break("more instances than parallelism");
    for (const auto& [pool, most] : people_.now().slots) {
      // What runs when a pool is made smaller goes on.
      if (slots[pool] > most && slots[pool] > in_use_[pool])
        world_.Break("a pool has more than its slots");
      in_use_[pool] = slots[pool];
    }
    for (const auto& [number, backfill] : people_.now().backfills)
      if (of_backfill[number] > backfill.max_active_runs)
        world_.Break("a backfill has more runs than it may");
    for (const model::Dag& dag : dags_) {
      if (of_dag[dag.dag_id] > dag.max_active_tasks) world_.Break("max_active_tasks exceeded");
      if (runs[dag.dag_id] > dag.max_active_runs) world_.Break("max_active_runs exceeded");
      for (const model::DagTask& task : dag.tasks)
        if (task.max_active_tis_per_dag &&
            of_task[{dag.dag_id, task.id}] > *task.max_active_tis_per_dag)
          world_.Break("max_active_tis_per_dag exceeded");
    }
  }

  // Counted anew from the states: the incremental counts must say the same, and the rule must hold.
  void CheckTask(const ActiveRun& run, std::size_t index) {
    const RunTask& task = run.task(index);
    StateCounts counts{};
    for (const InstanceState state : task.states) ++CountOf(counts, state);
    if (counts != task.counts) world_.Break("counts of a task are wrong");
    const UpstreamCounts upstream = UpstreamOf(run, index);
    if (upstream.done() != task.upstream.done() || upstream.total != task.upstream.total ||
        upstream.success != task.upstream.success || upstream.skipped != task.upstream.skipped)
      world_.Break("counts of an upstream are wrong");
    const model::DagTask& declared = run.declared(index);
    const Decision decision = DecisionOf(run, index);
    if (task.is_ready && decision != Decision::kRun) world_.Break("is ready against its rule");
    const bool waits = task.Count(InstanceState::kNone) > 0;
    if (waits && decision != Decision::kWait && !(declared.depends_on_past && !task.past_ok))
      world_.Break("is decided and still waits");
  }

  void Advance() {
    const Instant now = world_.clock.Now();
    Instant next = engine_->NextWake();
    for (const auto& [ticket, work] : executor_->working) next = std::min(next, work.end);
    if (makes_runs_ && world_.Roll(200) == 0)
      next = now - seconds(world_.Roll(600));  // Clock jumps.
    if (makes_runs_ && world_.Roll(200) == 0) next = now + seconds(world_.Roll(600));
    world_.clock.Set(next);
  }

  Result<SimulationReport> Finish() {
    SG_TRY(auto queries, RunQueries::Open(path_));
    SG_TRY(const RunPage page, queries->Runs({.limit = 1000}));
    for (const auto& [key, count] : people_.now().successes) remaining_.insert(key);
    for (const auto& [key, state] : people_.now().marked) remaining_.insert(key);
    std::map<std::pair<std::string, Instant>, int> of_date;
    for (const RunView& run : page.runs) {
      SG_RETURN_IF_ERROR(CheckEnded(*queries, run));
      const bool has_date = run.type == RunType::kScheduled || run.type == RunType::kBackfill;
      if (has_date && ++of_date[{run.run.dag_id, run.run.logical_date}] > 1)
        return Broken("two runs of one date: " + run.run.run_id);
    }
    if (!remaining_.empty()) return Broken("what succeeded or was marked is not stored");
    SG_TRY(const auto backfills, queries->Backfills(std::nullopt, 1000));
    for (const BackfillView& backfill : backfills)
      if (backfill.state != BackfillState::kDone && backfill.state != BackfillState::kCancelled)
        return Broken(fmt::format("backfill {} never ends", backfill.number));
    if (backfills.size() != people_.now().backfills.size()) return Broken("a backfill is lost");
    report_.runs = static_cast<int64_t>(page.runs.size());
    report_.tries = world_.bodies;
    report_.operations = people_.done();
    return report_;
  }

  // Against what has happened and what people have said.
  Status CheckEnded(RunQueries& queries, const RunView& run) {
    const std::string& name = run.run.run_id;
    if (!IsFinished(run.state)) return Broken("a run is left: " + name);
    const Expectations& said = people_.now();
    if (said.cancelled.contains({run.run.dag_id, name}) && run.state != DagRunState::kFailed)
      return Broken("a cancelled run has not failed: " + name);
    SG_TRY(const auto instances, queries.Instances(run.run.dag_id, name, {.limit = 1000}));
    for (const InstanceView& one : instances) {
      const Key key{run.run.dag_id, name, one.task_id, one.map_index};
      const std::string where =
          fmt::format("{} {} {}[{}]", run.run.dag_id, name, one.task_id, one.map_index);
      remaining_.erase(key);
      if (!IsFinished(one.state)) return Broken("an instance is left: " + where);
      if (const auto marked = said.marked.find(key); marked != said.marked.end()) {
        if (one.state != marked->second) return Broken("a mark is gone: " + where);
      } else if ((one.state == InstanceState::kSuccess) != said.successes.contains(key)) {
        return Broken(fmt::format("{} is stored as {}", where, NameOf(one.state)));
      }
    }
    return Ok();
  }

  const std::string path_;
  World world_;
  Random random_{1};
  EventLog log_{100, world_.clock};
  std::vector<model::Dag> dags_;
  ManualOperations people_{world_, dags_, path_};
  std::map<std::string, int64_t> in_use_;  // Slots, at the last check.
  std::set<Key> remaining_;                // To be found in the store.
  bool makes_runs_ = true;
  bool is_restored_ = false;
  SimulationReport report_;
  std::unique_ptr<SimulatedExecutor> executor_;
  std::unique_ptr<CrashingStore> store_;
  std::unique_ptr<Engine> engine_;
};

}  // namespace

Result<SimulationReport> Simulate(uint64_t seed, const std::string& folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  const std::string path = fmt::format("{}/runs-{}.sqlite", folder, seed);
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix, ignored);
  auto report = Simulation(seed, path).Run();
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path + suffix, ignored);
  return report;
}

}  // namespace stargaze::orchestrate::testing
