// What the engine keeps in memory beside the runs themselves.

#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "orchestrate/active_run.h"
#include "orchestrate/scheduler_ports.h"

namespace stargaze::orchestrate {

struct Pool {
  PoolSetting setting{};
  int64_t running = 0;  // Slots.
  int64_t queued = 0;   // Slots.
  int64_t open() const { return setting.slots - running - queued; }
};

// Why a body was asked to stop.
enum class StopReason : uint8_t { kNone, kTimeout, kCancelled, kMarked, kCleared, kShutdown };

// A try that holds its slots: from its choice until its body has returned.
struct Flight {
  int64_t run = 0;
  std::size_t task = 0;
  std::size_t dag = 0;
  int64_t task_number = 0;
  int map_index = 0;
  int try_number = 1;
  int slots = 1;
  std::string pool{};
  model::TaskLoad load = model::TaskLoad::kWaiting;
  Instant started_at{};  // Of the try; a rescheduled one keeps its first.
  Instant handed_at{};
  std::optional<Instant> timer_at{};  // Of its timeout, later of its grace.
  StopReason stop = StopReason::kNone;
  InstanceState marked = InstanceState::kFailed;  // StopReason::kMarked: how it ends.
  bool submitted = false;
  bool abandoned = false;  // Its instance has ended without it; it only holds slots.
};

enum class TimerKind : uint8_t { kInstance, kFlight, kRun, kDag };

struct Timer {
  Instant at{};
  TimerKind kind = TimerKind::kDag;
  int64_t subject = 0;  // Run number, ticket or DAG number.
  std::size_t task = 0;
  int map_index = 0;

  friend auto operator<=>(const Timer&, const Timer&) = default;
};

struct QueuedRun {
  StoredRun run{};
  bool is_new = true;  // It has no tries: nothing to be read.
  int64_t noted = 0;   // RunStore::commits when it was noted: what is read must be committed.
};

struct DagState {
  std::size_t number = 0;
  StoredDag stored{};
  bool declared = false;
  std::shared_ptr<const DagPlan> plan{};  // Of new runs.
  std::shared_ptr<const std::vector<TaskBody>> bodies{};
  std::vector<int64_t> numbers{};
  bool has_past = false;       // Some task depends on its past.
  std::set<int64_t> active{};  // Numbers of runs.
  int active_outside_backfills = 0;
  std::map<std::pair<Instant, int64_t>, QueuedRun> queued{};  // By date, number.
  int64_t active_tasks = 0;
  std::unordered_map<int64_t, int> active_by_task{};  // By task number, of those with a limit.
  std::optional<Instant> next_due{};
  bool asks = true;  // The timetable is to be asked.
};

struct ActiveBackfill {
  StoredBackfill stored{};
  std::vector<DueRun> dates{};  // In the order in which runs are made.
  std::set<int64_t> active{};   // Runs queued or running.
};

}  // namespace stargaze::orchestrate
