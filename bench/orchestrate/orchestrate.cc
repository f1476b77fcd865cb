// Drives the scheduler alone: no-op instances a second, a wave through a pool, a million mapped,
// the time from a task's end to its successor's start, what an idle scheduler costs.
//   bench_orchestrate noop SLOTS COUNT normal|full FOLDER
//   bench_orchestrate wave FOLDER
//   bench_orchestrate decision FOLDER
//   bench_orchestrate idle DAGS SECONDS FOLDER
//   bench_orchestrate start RUNS FOLDER

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "orchestrate/run_store.h"
#include "orchestrate/scheduler.h"
#include "orchestrate/thread_executor.h"
#include "orchestrate/timetable.h"

namespace stargaze::orchestrate {
namespace {

using Steady = std::chrono::steady_clock;

double Since(Steady::time_point start) {
  return std::chrono::duration<double>(Steady::now() - start).count();
}

double Quantile(std::vector<double> values, double q) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[static_cast<std::size_t>(q * static_cast<double>(values.size() - 1))];
}

long PeakMegabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss / 1024;
}

model::Dag MappedDag(const std::string& pool) {
  model::Dag dag;
  dag.dag_id = "bench";
  dag.max_active_tasks = 1'000'000;
  model::DagTask task;
  task.id = "mapped";
  task.for_each = "item";
  task.pool = pool;
  dag.tasks.push_back(task);
  return dag;
}

struct Bench {
  SystemClock clock;
  Random random{1};
  ThreadExecutor executor;
  std::vector<double>
      pick_up_ms{};  // From a freed slot to the next body, by the scheduler's thread.
  Instant freed{};
  std::atomic<int64_t> worst_gap_us{0};
  std::unique_ptr<Scheduler> scheduler{};

  explicit Bench(std::size_t threads) : executor({.waiting_threads = threads}, clock) {}

  bool Open(const std::string& path,
            storage::Durability durability,
            int count,
            int slots,
            TaskBody body) {
    SchedulerOptions options;
    options.pools.push_back({"bench", slots, ""});
    SchedulerPorts ports;
    ports.body_of = [body](const auto&, const auto&) -> Result<TaskBody> { return body; };
    ports.count_of = [count](const auto&, const auto&, const auto&) -> Result<int> {
      return count;
    };
    return Begin({.path = path, .durability = durability}, options, ports, {MappedDag("bench")});
  }

  bool Begin(const RunStoreOptions& store,
             const SchedulerOptions& options,
             const SchedulerPorts& ports,
             const std::vector<model::Dag>& dags) {
    auto opened = Scheduler::Open(store, options, ports, clock, random, executor);
    if (!opened.ok()) {
      std::fprintf(stderr, "%s\n", opened.error().message().c_str());
      return false;
    }
    scheduler = std::move(opened).value();
    for (const Error& error : scheduler->SetDags(dags))
      std::fprintf(stderr, "%s\n", error.message().c_str());
    scheduler->Start();
    return true;
  }

  double RunOnce() {
    const auto start = Steady::now();
    const auto run = scheduler->Trigger({.dag_id = "bench"}, {.who = "bench"});
    if (!run.ok()) {
      std::fprintf(stderr, "%s\n", run.error().message().c_str());
      return 0;
    }
    // The longest time between two ticks is the longest loop, as an outsider sees it.
    std::jthread watch([this](const std::stop_token& stop) {
      Instant last = clock.Now();
      while (!stop.stop_requested()) {
        (void)clock.SleepUntil(clock.Now() + std::chrono::milliseconds(1), stop);
        const Instant beat = scheduler->Health().heartbeat_at;
        if (beat > last) {
          worst_gap_us = std::max<int64_t>(worst_gap_us, (beat - last).count());
          last = beat;
        }
      }
    });
    const auto state = scheduler->WaitUntilEnded(
        "bench", run.value().run.run_id, clock.Now() + std::chrono::minutes(10), {});
    if (!state.ok() || state.value() != DagRunState::kSuccess)
      std::fprintf(stderr, "did not succeed\n");
    return Since(start);
  }
};

int Noop(int slots, int count, bool full, const std::string& folder) {
  Bench bench(static_cast<std::size_t>(slots));
  if (!bench.Open(folder + "/noop.sqlite",
                  full ? storage::Durability::kPowerLoss : storage::Durability::kProcessKill,
                  count,
                  slots,
                  [](const TaskContext&) -> Result<Outcome> { return Outcome::Success(""); }))
    return 1;
  const double seconds = bench.RunOnce();
  std::printf(
      "noop slots=%d count=%d synchronous=%s seconds=%.2f per_second=%.0f us_each=%.2f "
      "longest_tick_gap_ms=%.1f peak_mb=%ld\n",
      slots,
      count,
      full ? "FULL" : "NORMAL",
      seconds,
      count / seconds,
      1e6 * seconds / count,
      static_cast<double>(bench.worst_gap_us) / 1000,
      PeakMegabytes());
  return 0;
}

int Wave(const std::string& folder) {
  constexpr int kCount = 733;
  constexpr int kSlots = 60;
  Bench bench(64);
  std::mutex mutex;
  std::vector<Instant> begun;
  std::vector<Instant> ended;
  const TaskBody body = [&](const TaskContext& context) -> Result<Outcome> {
    const Instant begin = bench.clock.Now();
    (void)bench.clock.SleepUntil(begin + std::chrono::seconds(1), context.stop);
    const std::lock_guard lock(mutex);
    begun.push_back(begin);
    ended.push_back(bench.clock.Now());
    return Outcome::Success("");
  };
  if (!bench.Open(folder + "/wave.sqlite", storage::Durability::kProcessKill, kCount, kSlots, body))
    return 1;
  const double seconds = bench.RunOnce();
  std::sort(begun.begin(), begun.end());
  std::sort(ended.begin(), ended.end());
  // The n-th end frees the slot in which the (n + slots)-th body begins.
  std::vector<double> delays;
  for (std::size_t i = 0; i + kSlots < begun.size(); ++i)
    delays.push_back(static_cast<double>((begun[i + kSlots] - ended[i]).count()) / 1000);
  std::printf(
      "wave count=%d slots=%d seconds=%.3f ideal=13 pick_up_ms p50=%.2f p99=%.2f max=%.2f\n",
      kCount,
      kSlots,
      seconds,
      Quantile(delays, 0.5),
      Quantile(delays, 0.99),
      Quantile(delays, 1));
  return 0;
}

// 60 chains of tasks in 60 slots: a slot is always taken, and each task but the first of a chain
// begins when the one before it has ended.
int Decision(const std::string& folder) {
  constexpr std::size_t kChains = 60;
  constexpr std::size_t kLength = 20;
  model::Dag dag;
  dag.dag_id = "bench";
  dag.max_active_tasks = static_cast<int>(kChains);
  for (std::size_t chain = 0; chain < kChains; ++chain) {
    for (std::size_t step = 0; step < kLength; ++step) {
      model::DagTask task;
      task.id = "t" + std::to_string(chain) + "_" + std::to_string(step);
      if (step > 0) task.after = {"t" + std::to_string(chain) + "_" + std::to_string(step - 1)};
      task.pool = "bench";
      dag.tasks.push_back(task);
    }
  }
  Bench bench(kChains);
  Random lengths(2);
  std::vector<Instant> begun(kChains * kLength);
  std::vector<Instant> ended(kChains * kLength);
  SchedulerOptions options;
  options.pools.push_back({"bench", static_cast<int>(kChains), ""});
  SchedulerPorts ports;
  ports.body_of = [&](const model::Dag& of, const model::DagTask& task) -> Result<TaskBody> {
    std::size_t index = 0;
    while (of.tasks[index].id != task.id) ++index;
    const std::chrono::microseconds takes(30'000 + lengths.Next() % 40'000);
    return TaskBody(
        [&bench, &begun, &ended, index, takes](const TaskContext& context) -> Result<Outcome> {
          begun[index] = bench.clock.Now();
          (void)bench.clock.SleepUntil(begun[index] + takes, context.stop);
          ended[index] = bench.clock.Now();
          return Outcome::Success("");
        });
  };
  if (!bench.Begin({.path = folder + "/decision.sqlite"}, options, ports, {dag})) return 1;
  const double seconds = bench.RunOnce();
  std::vector<double> delays;
  for (std::size_t i = 0; i < begun.size(); ++i)
    if (i % kLength > 0)
      delays.push_back(static_cast<double>((begun[i] - ended[i - 1]).count()) / 1000);
  std::printf(
      "decision slots=%zu tasks=%zu seconds=%.2f end_to_start_ms p50=%.2f p99=%.2f max=%.2f\n",
      kChains,
      begun.size(),
      seconds,
      Quantile(delays, 0.5),
      Quantile(delays, 0.99),
      Quantile(delays, 1));
  return 0;
}

double CpuSeconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

// DAGs with a daily schedule each, none of them due.
int Idle(int count, int length, const std::string& folder) {
  Bench bench(2);
  std::vector<model::Dag> dags;
  for (int i = 0; i < count; ++i) {
    model::Dag dag = MappedDag("default_pool");
    dag.dag_id = "bench" + std::to_string(i);
    dag.schedule = {.kind = model::ScheduleKind::kCron, .text = "50 23 * * *"};
    dags.push_back(dag);
  }
  SchedulerPorts ports;
  ports.body_of = [](const auto&, const auto&) -> Result<TaskBody> {
    return TaskBody([](const TaskContext&) -> Result<Outcome> { return Outcome::Success(""); });
  };
  ports.due_runs = [](const model::Dag& dag, auto last, Instant first_seen, Instant now) {
    const auto timetable = Timetable::Create(dag);
    TimetableAnswer answer;
    const Progress progress{.last_logical_date = last, .active_since = first_seen};
    const auto next = timetable.ok() ? timetable.value().Next(progress, now) : std::nullopt;
    if (next) answer.next = next->run_after;
    return answer;
  };
  if (!bench.Begin({.path = folder + "/idle.sqlite"}, {}, ports, dags)) return 1;
  (void)bench.clock.SleepUntil(bench.clock.Now() + std::chrono::seconds(2), {});  // To rest.
  const double before = CpuSeconds();
  const auto start = Steady::now();
  (void)bench.clock.SleepUntil(bench.clock.Now() + std::chrono::seconds(length), {});
  const double used = CpuSeconds() - before;
  std::printf("idle dags=%d seconds=%.1f cpu_seconds=%.4f percent_of_core=%.3f peak_mb=%ld\n",
              count,
              Since(start),
              used,
              100 * used / Since(start),
              PeakMegabytes());
  return 0;
}

int Start(int runs, const std::string& folder) {
  const std::string path = folder + "/start.sqlite";
  SystemClock clock;
  {
    auto store = RunStore::Open({.path = path});
    if (!store.ok()) return 1;
    for (int i = 0; i < runs; ++i) {
      StoredRun run;
      run.view.number = store.value()->NextRunNumber();
      run.view.run = {.dag_id = "bench",
                      .run_id = "scheduled__" + std::to_string(i),
                      .logical_date = Instant(std::chrono::seconds(60 * i))};
      run.view.state = DagRunState::kSuccess;
      store.value()->PutRun(run);
      store.value()->InsertTry({.run = run.view.number,
                                .task = 1,
                                .try_number = 1,
                                .state = InstanceState::kSuccess,
                                .started_at = clock.Now()});
    }
    if (!store.value()->Commit().ok()) return 1;
  }
  const auto start = Steady::now();
  Bench bench(2);
  if (!bench.Open(
          path, storage::Durability::kProcessKill, 1, 1, [](const TaskContext&) -> Result<Outcome> {
            return Outcome::Success("");
          }))
    return 1;
  std::printf("start finished_runs=%d seconds=%.4f\n", runs, Since(start));
  return 0;
}

}  // namespace
}  // namespace stargaze::orchestrate

int main(int argc, char** argv) {
  const std::vector<std::string> args(argv + 1, argv + argc);
  namespace orchestrate = stargaze::orchestrate;
  if (args.size() == 5 && args[0] == "noop")
    return orchestrate::Noop(std::stoi(args[1]), std::stoi(args[2]), args[3] == "full", args[4]);
  if (args.size() == 2 && args[0] == "wave") return orchestrate::Wave(args[1]);
  if (args.size() == 2 && args[0] == "decision") return orchestrate::Decision(args[1]);
  if (args.size() == 4 && args[0] == "idle")
    return orchestrate::Idle(std::stoi(args[1]), std::stoi(args[2]), args[3]);
  if (args.size() == 3 && args[0] == "start")
    return orchestrate::Start(std::stoi(args[1]), args[2]);
  std::fprintf(stderr,
               "noop SLOTS COUNT normal|full FOLDER | wave FOLDER | decision FOLDER | "
               "idle DAGS SECONDS FOLDER | start RUNS FOLDER\n");
  return 64;
}
