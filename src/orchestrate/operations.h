// What a person (or a program in a person's name) may do to runs. Every one is audited.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "orchestrate/run_state.h"

namespace stargaze::orchestrate {

struct ManualAction {
  std::string who{};     // Never empty.
  std::string reason{};  // Required by Mark and Cancel.
};

struct TriggerRequest {
  std::string dag_id{};
  std::optional<Instant> logical_date{};  // Absent: now.
  std::optional<std::string> run_id{};    // Absent: manual__<logical date>.
  std::optional<Instant> data_start{};    // Absent: the logical date.
  std::optional<Instant> data_end{};
  std::string conf{};  // Handed to the tasks as it is; at most 64 KiB.
};

// Which instances are meant.
struct Selection {
  std::string dag_id{};
  std::string run_id{};
  std::vector<std::string> task_ids{};  // Empty: all.
  std::optional<int> map_index{};       // Of each of task_ids; absent: all instances.
  bool upstream = false;                // Also everything before them in the run.
  bool downstream = false;              // Also everything after them in the run.
  bool past = false;                    // Also in all earlier runs of the DAG.
  bool future = false;                  // Also in all later runs.
  bool only_failed = false;             // Of these, only those failed or upstream_failed.
};

struct AffectedTask {
  std::string run_id{};
  std::string task_id{};
  int64_t instances = 0;
};

struct Affected {
  std::vector<AffectedTask> tasks{};
  int64_t instances = 0;
};

enum class Reprocess : uint8_t {
  kNone = 0,       // Dates that have a run are left alone.
  kFailed = 1,     // Failed runs are cleared.
  kCompleted = 2,  // Every ended run is cleared.
};

struct BackfillRequest {
  std::string dag_id{};
  Instant from{};  // Logical dates, both inclusive.
  Instant to{};
  bool backwards = false;
  int max_active_runs = 1;  // Its own limit, beside the DAG's.
  Reprocess reprocess = Reprocess::kNone;
  std::string conf{};
  bool dry_run = false;
};

struct BackfillPlan {
  int64_t number = 0;            // 0: dry run.
  std::vector<Instant> dates{};  // In the order in which runs will be made.
  int64_t existing = 0;          // Of these, how many have a run already.
};

}  // namespace stargaze::orchestrate
