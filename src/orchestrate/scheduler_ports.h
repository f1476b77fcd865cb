// What the scheduler is given by whoever wires it: bodies, timetables, callbacks, limits.

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "model/dag.h"
#include "orchestrate/run_views.h"
#include "orchestrate/task.h"

namespace stargaze::orchestrate {

struct DueRun {
  Instant logical_date{};
  Instant data_start{};
  Instant data_end{};
};

struct TimetableAnswer {
  std::vector<DueRun> due{};      // Oldest first; may be cut, the scheduler asks again.
  std::optional<Instant> next{};  // When to ask again; absent: never.
};

// What a callback is told; task_id is empty for those of a run.
struct CallbackContext {
  RunView run{};
  std::string task_id{};
  int map_index = 0;
  int try_number = 0;
  InstanceState state = InstanceState::kNone;
  std::string detail{};
  Instant deadline{};
  std::stop_token stop{};  // Requested at the deadline.
};
// An error is told and harms nobody.
using Callback = std::function<Status(const CallbackContext&)>;

// All but `body_of` may be empty. Those without a note are called on the scheduler's thread and
// must not wait.
struct SchedulerPorts {
  // Asked once per task when its DAG is declared.
  std::function<Result<TaskBody>(const model::Dag&, const model::DagTask&)> body_of{};
  // How many instances a mapped task has in this run; asked again only after a restart in between.
  // Zero: skipped. An error fails the task.
  std::function<Result<int>(const model::Dag&, const model::DagTask&, const model::Run&)>
      count_of{};
  // Which runs the schedule asks for. `last`: logical date of the last run it made; `first_seen`:
  // when the DAG was first declared to this store.
  std::function<TimetableAnswer(
      const model::Dag&, std::optional<Instant> last, Instant first_seen, Instant now)>
      due_runs{};
  // Logical dates of the schedule within [from, to], for backfills; at most `limit`.
  std::function<std::vector<DueRun>(const model::Dag&, Instant from, Instant to, std::size_t limit)>
      runs_between{};
  std::map<std::string, Callback> callbacks{};  // By name; run aside, on a thread of the executor.
  std::function<std::optional<double>()> disk_days_left{};  // Asked once a minute.
  std::function<void(const Event&)> observe{};  // Every event, once it is on disk: for telemetry.
};

struct PoolSetting {
  std::string name{};
  int slots = 0;
  std::string description{};
};

struct SchedulerOptions {
  int parallelism = 512;  // Instances that hold slots, over all pools.
  std::vector<PoolSetting> pools{{"default_pool", 128, "what names no other"}};  // Made if absent.
  std::chrono::seconds heartbeat{5};
  std::chrono::seconds stands_still_after{30};
  std::chrono::seconds stop_grace{60};  // A body that ignores its stop so long is abandoned.
  std::chrono::seconds default_execution_timeout{std::chrono::hours(6)};  // Of a try without one.
  std::chrono::seconds reschedule_limit{
      std::chrono::hours(168)};  // Of one try with its reschedules.
  // Tries that ended with the process do not use up a retry, up to so many per instance: a task
  // that brings the process down must not do so for ever.
  int free_lost_tries = 3;
  int max_map_length = 1'000'000;           // More fail the mapped task.
  std::chrono::seconds callback_limit{30};  // Of one callback; then it is asked to stop.
  double min_disk_days_left = 1;            // Below: no new runs until there is room.
  std::size_t max_events_kept = 10'000;     // In memory, for those who follow.
};

}  // namespace stargaze::orchestrate
