// What people and programs are shown of runs, and what they ask for: plain values.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "model/run.h"
#include "orchestrate/run_state.h"

namespace stargaze::orchestrate {

struct RunView {
  int64_t number = 0;  // Grows with every run ever made: the cursor of lists.
  model::Run run{};
  RunType type = RunType::kManual;
  DagRunState state = DagRunState::kQueued;
  Instant data_start{};
  Instant data_end{};
  Instant queued_at{};
  std::optional<Instant> started_at{};
  std::optional<Instant> ended_at{};
  std::string cause{};   // "by hand: try the new token", "manifest …", why it failed.
  std::string conf{};    // As given to Trigger; JSON by convention, not looked into.
  int64_t backfill = 0;  // The backfill it belongs to; 0: none.
};

struct RunFilter {
  std::optional<std::string> dag_id{};
  std::optional<DagRunState> state{};
  std::optional<RunType> type{};
  std::optional<Instant> logical_from{};  // Inclusive.
  std::optional<Instant> logical_to{};    // Inclusive.
  std::optional<int64_t> before{};        // Only runs with a smaller number: RunPage::next.
  int limit = 50;                         // At most 1,000.
};

struct RunPage {
  std::vector<RunView> runs{};    // The newest first.
  std::optional<int64_t> next{};  // For RunFilter::before; absent: no more.
};

struct TaskView {  // A task within one run.
  std::string task_id{};
  std::string group{};
  bool mapped = false;
  bool expanded = true;  // False: not yet known how many instances.
  StateCounts instances{};
  // The most telling state of its instances: failed before running before … before success.
  InstanceState state = InstanceState::kNone;
};

struct InstanceView {
  std::string task_id{};
  int map_index = 0;  // 0 also when the task is not mapped.
  InstanceState state = InstanceState::kNone;
  int try_number = 0;  // Of the last try; 0: none yet.
  bool partial = false;
  std::optional<Instant> started_at{};
  std::optional<Instant> ended_at{};
  std::optional<Instant> next_at{};  // kUpForRetry, kUpForReschedule.
  std::string detail{};              // One line from the task, or the error.
  std::string attempt_hex{};         // Completes the attempt's name.
};

struct InstanceFilter {
  std::optional<std::string> task_id{};
  std::optional<InstanceState> state{};
  int64_t offset = 0;
  int limit = 100;  // At most 1,000.
};

struct TryView {
  int try_number = 0;
  InstanceState state = InstanceState::kNone;
  bool cleared = false;  // History: somebody had it run again.
  bool partial = false;
  Instant started_at{};
  std::optional<Instant> ended_at{};
  std::string detail{};
  std::string attempt_hex{};
  std::string log_path{};
};

struct PoolView {
  std::string name{};
  int slots = 0;
  int64_t running = 0;    // Slots in use, abandoned ones among them.
  int64_t queued = 0;     // Slots held by instances whose start is being written.
  int64_t scheduled = 0;  // Instances that wait for a slot.
  int64_t deferred = 0;   // Instances up for retry or reschedule; they hold none.
  std::string description{};
  int64_t open() const { return slots - running - queued; }
};

struct DagView {
  std::string dag_id{};
  bool declared = true;  // False: only its runs are left.
  bool paused = false;
  int active_runs = 0;
  std::optional<Instant> last_logical_date{};  // Of the last run made by the schedule.
  std::optional<Instant> next_due{};
};

enum class EventKind : uint8_t {
  kRun = 0,        // A run came into `run_state`.
  kInstance = 1,   // An instance came into `state`.
  kTask = 2,       // All instances of a task at once came into `state`.
  kAction = 3,     // Somebody did something: see the audit.
  kScheduler = 4,  // Started, stopped, stands still, disk, abandoned task.
  kCallback = 5,   // A callback has failed, was late or was dropped.
};

// Ids grow and are never used twice. Events of runs, actions, the scheduler and of instances that
// did not simply succeed are kept in the store; starts and successes of instances only in memory.
struct Event {
  int64_t id = 0;
  Instant at{};
  EventKind kind = EventKind::kScheduler;
  std::string dag_id{};
  std::string run_id{};
  std::string task_id{};
  int map_index = 0;
  int try_number = 0;
  InstanceState state = InstanceState::kNone;
  DagRunState run_state = DagRunState::kQueued;
  // kInstance running: since it might have run. kRun running: since the end of its data interval
  // if the schedule made it, otherwise since it was queued.
  std::chrono::microseconds waited{};
  std::chrono::microseconds took{};  // Of what ended.
  std::string pool{};
  std::string detail{};
};

struct AuditEntry {
  int64_t id = 0;
  Instant at{};
  std::string who{};
  std::string action{};  // "clear", "mark_success", "pause", …
  std::string dag_id{};
  std::string run_id{};
  std::string detail{};  // What was meant, in one line.
  std::string reason{};
};

enum class BackfillState : uint8_t { kRunning = 0, kPaused = 1, kDone = 2, kCancelled = 3 };

struct BackfillView {
  int64_t number = 0;
  std::string dag_id{};
  BackfillState state = BackfillState::kRunning;
  Instant from{};
  Instant to{};
  bool backwards = false;
  int max_active_runs = 1;
  int64_t total = 0;
  int64_t made = 0;  // Runs made so far.
  int64_t succeeded = 0;
  int64_t failed = 0;
};

struct HealthView {
  bool started = false;
  Instant heartbeat_at{};
  std::chrono::seconds heartbeat_age{};
  bool stands_still = false;  // Its heartbeat is older than SchedulerOptions::stands_still_after.
  int64_t running = 0;        // Instances.
  int64_t ready = 0;          // (run, task) pairs that wait for slots.
  int64_t active_runs = 0;
  int64_t abandoned = 0;  // Bodies that ignored their stop and still work.
  std::optional<double> disk_days_left{};
  bool new_runs_held_by_disk = false;
  std::string trouble{};  // Why the store cannot be written; empty: it can.
};

std::string_view NameOf(EventKind kind);       // "instance"
std::string_view NameOf(BackfillState state);  // "running"

}  // namespace stargaze::orchestrate
