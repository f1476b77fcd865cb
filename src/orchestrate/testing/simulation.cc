#include "orchestrate/testing/simulation.h"

#include <fmt/core.h>

#include <filesystem>
#include <map>
#include <random>
#include <set>
#include <tuple>
#include <utility>

#include "orchestrate/engine.h"
#include "orchestrate/run_queries.h"

namespace stargaze::orchestrate::testing {
namespace {

using std::chrono::seconds;

class JumpingClock final : public Clock {
 public:
  Instant Now() const override { return now_; }
  Status SleepUntil(Instant instant, const std::stop_token&) override {
    now_ = std::max(now_, instant);
    return Ok();
  }
  void Set(Instant now) { now_ = now; }

 private:
  Instant now_{std::chrono::sys_days(std::chrono::year(2026) / 9 / 1)};
};

using Key = std::tuple<std::string, std::string, std::string, int>;  // DAG, run, task, map.

struct World {  // What outlives a crash: the truth outside the scheduler.
  std::mt19937_64 dice;
  JumpingClock clock;
  std::map<Key, int> successes;  // Bodies that returned success, per instance.
  std::string broken;            // The first broken invariant.
  int64_t bodies = 0;

  uint64_t Roll(uint64_t sides) { return dice() % sides; }
  void Break(const std::string& what) {
    if (broken.empty()) broken = what;
  }
};

// Bodies take virtual time; their outcome is decided when they begin.
class SimulatedExecutor final : public Executor {
 public:
  explicit SimulatedExecutor(World& world) : world_(world) {}

  std::size_t Capacity(model::TaskLoad load) const override {
    return load == model::TaskLoad::kCpu ? 2 : 64;
  }
  void Submit(std::vector<WorkItem> items) override {
    for (WorkItem& item : items) {
      const Instant end = world_.clock.Now() + seconds(world_.Roll(40));
      ++world_.bodies;
      for (const auto& [ticket, other] : working)
        if (KeyOf(other.item) == KeyOf(item)) world_.Break("two bodies of one instance");
      working.emplace(item.ticket, Work{.item = std::move(item), .end = end});
    }
  }
  void RequestStop(uint64_t ticket) override {
    const auto at = working.find(ticket);
    if (at == working.end()) return;
    at->second.stopped = true;
    // Some never notice and work on to their end.
    if (world_.Roll(10) > 0)
      at->second.end = std::min(at->second.end, world_.clock.Now() + seconds(1));
  }
  std::vector<WorkDone> TakeDone() override {
    std::vector<WorkDone> done;
    for (auto at = working.begin(); at != working.end();) {
      if (at->second.end > world_.clock.Now()) {
        ++at;
        continue;
      }
      WorkDone one{.ticket = at->first, .ended_at = at->second.end};
      if (at->second.stopped) {
        one.result = Error(ErrorKind::kCancelled, "stopped");
      } else {
        one.result = at->second.item.body(at->second.item.context);
      }
      if (one.result.ok() && one.result.value().state == OutcomeState::kSuccess)
        returned.push_back(KeyOf(at->second.item));
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
  };
  std::map<uint64_t, Work> working;
  std::vector<Key> returned;  // Successes handed over in this tick.

 private:
  World& world_;
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

class Simulation {
 public:
  Simulation(uint64_t seed, std::string path) : path_(std::move(path)) { world_.dice.seed(seed); }

  Result<SimulationReport> Run() {
    const uint64_t count = 1 + world_.Roll(3);
    for (uint64_t i = 0; i < count; ++i) dags_.push_back(RandomDag(world_, static_cast<int>(i)));
    const Instant makes_runs_until = world_.clock.Now() + std::chrono::hours(1);
    SG_RETURN_IF_ERROR(Boot());
    for (; report_.steps < kMaxSteps; ++report_.steps) {
      makes_runs_ = world_.clock.Now() < makes_runs_until;
      store_->armed = makes_runs_;
      executor_->returned.clear();
      store_->committed = false;
      engine_->Tick();
      NoteSuccesses();
      if (store_->crashed) {
        ++report_.crashes;
        SG_RETURN_IF_ERROR(Boot());
        continue;
      }
      Check();
      if (!world_.broken.empty()) return Broken(world_.broken);
      if (!makes_runs_ && engine_->runs().empty() && executor_->working.empty()) return Finish();
      Advance();
    }
    return Broken("some run never ends");
  }

 private:
  static constexpr int64_t kMaxSteps = 20'000;

  Error Broken(const std::string& what) const {
    return {ErrorKind::kInternal, fmt::format("step {}: {}", report_.steps, what)};
  }

  Status Boot() {
    engine_.reset();
    executor_ = std::make_unique<SimulatedExecutor>(world_);  // Its bodies went with the process.
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
    return Ok();
  }

  // A success that is on disk must never be followed by another.
  void NoteSuccesses() {
    if (!store_->committed) return;
    for (const Key& key : executor_->returned)
      if (++world_.successes[key] > 1)
        world_.Break(fmt::format("{} {} {} {} succeeded twice",
                                 std::get<0>(key),
                                 std::get<1>(key),
                                 std::get<2>(key),
                                 std::get<3>(key)));
  }

  void Check() {
    std::map<std::string, int64_t> slots;
    std::map<std::string, int64_t> of_dag;
    std::map<std::pair<std::string, std::string>, int> of_task;
    std::map<std::string, int> runs;
    int64_t flying = 0;
    for (const auto& [number, run] : engine_->runs()) {
      const model::Dag& dag = run->plan().dag;
      ++runs[dag.dag_id];
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
    if (slots["default_pool"] > 6 || slots["small"] > 2)
      world_.Break("a pool has more than its slots");
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
    UpstreamCounts upstream;
    for (const std::size_t before : run.plan().tasks[index].upstream) {
      for (const InstanceState state : run.task(before).states) {
        ++upstream.total;
        upstream.Move(InstanceState::kNone, state);
      }
    }
    if (upstream.done() != task.upstream.done() || upstream.total != task.upstream.total ||
        upstream.success != task.upstream.success || upstream.skipped != task.upstream.skipped)
      world_.Break("counts of an upstream are wrong");
    const model::DagTask& declared = run.declared(index);
    const Decision decision = Decide(declared.trigger_rule, upstream, !declared.for_each.empty());
    if (task.decision == Decision::kRun && decision != Decision::kRun)
      world_.Break("ran against its rule");
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
    RunFilter filter;
    filter.limit = 1000;
    SG_TRY(const RunPage page, queries->Runs(filter));
    std::map<Key, int> stored;
    for (const RunView& run : page.runs) {
      if (!IsFinished(run.state)) return Broken("a run is left: " + run.run.run_id);
      SG_TRY(const auto instances,
             queries->Instances(run.run.dag_id, run.run.run_id, {.limit = 1000}));
      for (const InstanceView& one : instances) {
        if (!IsFinished(one.state)) return Broken("an instance is left in " + run.run.run_id);
        if (one.state == InstanceState::kSuccess)
          ++stored[{run.run.dag_id, run.run.run_id, one.task_id, one.map_index}];
      }
    }
    if (stored != world_.successes)
      return Broken(fmt::format(
          "{} successes are stored, {} happened", stored.size(), world_.successes.size()));
    report_.runs = static_cast<int64_t>(page.runs.size());
    report_.tries = world_.bodies;
    return report_;
  }

  const std::string path_;
  World world_;
  Random random_{1};
  EventLog log_{100, world_.clock};
  std::vector<model::Dag> dags_;
  bool makes_runs_ = true;
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
