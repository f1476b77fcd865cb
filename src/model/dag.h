// A DAG as declared in pipelines/<dag_id>.yaml: which tasks, in what order, when, within which
// limits. The words are Airflow's and mean what they mean there.

#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"

namespace stargaze::model {

enum class TriggerRule {
  kAllSuccess,
  kAllFailed,
  kAllDone,
  kAllDoneMinOneSuccess,
  kAllSkipped,
  kOneSuccess,
  kOneFailed,
  kOneDone,
  kNoneFailed,
  kNoneFailedMinOneSuccess,
  kNoneSkipped,
  kAlways,
};

// What a task adds to its own priority_weight: everything after it, everything before it, nothing.
enum class WeightRule { kDownstream, kUpstream, kAbsolute };

// kInterval: a run is made when its data interval ends, and logical_date is the interval's start.
// kTrigger: logical_date is the instant that the schedule names.
enum class TimeSemantics { kInterval, kTrigger };

// Which threads run a task: those for computing (one a core) or those for waiting (many).
enum class TaskLoad { kWaiting, kCpu };

struct DagTask {
  std::string id{};     // Unique in the DAG; "group.id" inside a group.
  std::string group{};  // Empty: in none.
  std::string uses{};   // What the task does: "collect", "refine", "load", "follow", …
  std::map<std::string, std::string> with{};  // Parameters of `uses`.
  std::vector<std::string> after{};           // Ids of the tasks that it waits for.
  std::string for_each{};  // Mapped over what this names ("followed"); empty: one instance.
  TriggerRule trigger_rule = TriggerRule::kAllSuccess;
  std::string pool = "default_pool";
  int pool_slots = 1;
  int priority_weight = 1;
  WeightRule weight_rule = WeightRule::kDownstream;
  TaskLoad load = TaskLoad::kWaiting;
  int retries = 1;
  std::chrono::seconds retry_delay{300};
  bool retry_exponential_backoff = false;
  std::chrono::seconds max_retry_delay{std::chrono::hours(24)};
  std::optional<std::chrono::seconds> execution_timeout{};  // Of one try.
  bool depends_on_past = false;  // The same task of the run before must be success or skipped.
  std::optional<int> max_active_tis_per_dag{};  // Over all runs.
  std::vector<std::string> on_success{};        // Names of callbacks that app registers.
  std::vector<std::string> on_failure{};
  std::vector<std::string> on_retry{};

  friend bool operator==(const DagTask&, const DagTask&) = default;
};

enum class ScheduleKind {
  kNone,        // Only by hand.
  kOnce,        // One run, at the start date.
  kCron,        // `text`, in the DAG's time zone.
  kInterval,    // Every `interval`.
  kOnManifest,  // When a manifest of `dataset` is published.
};

struct Schedule {
  ScheduleKind kind = ScheduleKind::kNone;
  std::string text{};  // As declared: "50 11,23 * * *", "@daily", "PT30M".
  std::chrono::seconds interval{};
  std::string dataset{};  // "github/repository"

  friend bool operator==(const Schedule&, const Schedule&) = default;
};

struct Dag {
  std::string dag_id{};
  std::string summary{};
  Schedule schedule{};
  std::string time_zone = "UTC";  // IANA name; schedules follow its daylight saving time.
  TimeSemantics time_semantics = TimeSemantics::kTrigger;
  std::optional<Instant>
      start_date{};                   // No run is due before; absent: since the DAG was first seen.
  std::optional<Instant> end_date{};  // The last logical date, inclusive.
  bool catchup = false;
  int max_active_runs = 3;
  int max_active_tasks = 90;
  std::optional<std::chrono::seconds> dagrun_timeout{};
  bool is_paused_upon_creation = false;
  std::vector<std::string> on_success{};  // Names of callbacks, when a run ends.
  std::vector<std::string> on_failure{};
  std::vector<DagTask> tasks{};
  std::string file{};  // Where it was read from; empty: generated for datasets that name it.

  friend bool operator==(const Dag&, const Dag&) = default;
};

// How many slots tasks that share a limit have together: pipelines/pools.yaml.
struct Pool {
  std::string name{};
  int slots = 0;
  std::string description{};

  friend bool operator==(const Pool&, const Pool&) = default;
};

inline constexpr std::string_view kDefaultPool = "default_pool";  // Always there.
inline constexpr int kDefaultPoolSlots = 128;

std::string_view NameOf(TriggerRule rule);  // "none_failed_min_one_success"
std::string_view NameOf(WeightRule rule);
std::string_view NameOf(TimeSemantics semantics);
std::optional<TriggerRule> ParseTriggerRule(std::string_view name);
std::optional<WeightRule> ParseWeightRule(std::string_view name);
std::optional<TimeSemantics> ParseTimeSemantics(std::string_view name);

// Indices of the tasks so that each comes after those it waits for, otherwise as declared.
// kInvalidInput names an unknown task, an id that two tasks have, or the circle.
Result<std::vector<std::size_t>> TaskOrder(const Dag& dag);

}  // namespace stargaze::model
