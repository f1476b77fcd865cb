// Reads of the run state for people and programs, on a connection of their own.

#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "orchestrate/run_views.h"
#include "orchestrate/scheduler_ports.h"
#include "storage/sqlite.h"

namespace stargaze::orchestrate {

// Safe for concurrent use; never waits for the writer and changes nothing. kNotFound for a run that
// does not exist.
class RunQueries {
 public:
  // Beside whoever writes. kNotFound when no scheduler has made the store yet.
  static Result<std::unique_ptr<RunQueries>> Open(const std::string& path);
  // Of a store without any row.
  static Result<std::unique_ptr<RunQueries>> OpenEmpty();

  Result<RunPage> Runs(const RunFilter& filter);
  Result<RunView> Run(std::string_view dag_id, std::string_view run_id);
  // By task and map_index. Only instances that began or were decided; one that still waits for its
  // rule is in Scheduler::Tasks alone.
  Result<std::vector<InstanceView>> Instances(std::string_view dag_id,
                                              std::string_view run_id,
                                              const InstanceFilter& filter);
  // Every try of one instance, cleared ones included, the first first.
  Result<std::vector<TryView>> Tries(std::string_view dag_id,
                                     std::string_view run_id,
                                     std::string_view task_id,
                                     int map_index);
  // Per task id: how many instances are in each state, from the store.
  Result<std::map<std::string, StateCounts>> Counts(std::string_view dag_id,
                                                    std::string_view run_id);
  // DAGs that the store knows, and pools.
  Result<std::vector<DagView>> Dags();
  Result<std::vector<PoolSetting>> Pools();
  Result<std::vector<AuditEntry>> Audit(std::optional<int64_t> before, int limit);
  Result<std::vector<BackfillView>> Backfills(const std::optional<std::string>& dag_id, int limit);
  Result<std::map<std::string, std::string>> Variables();
  // Kept events after `id`, the oldest first.
  Result<std::vector<Event>> Events(int64_t after, int limit);

 private:
  explicit RunQueries(std::unique_ptr<storage::Sqlite> database);
  Result<storage::SqlRows> Query(std::string_view sql, std::vector<storage::SqlValue> values);
  Result<int64_t> NumberOf(std::string_view dag_id, std::string_view run_id);

  std::mutex mutex_;
  std::unique_ptr<storage::Sqlite> database_;
};

// Where the log of one try is, relative to the log folder: "<dag>/<run>/<task>/<map>/<try>.log".
std::string LogPath(std::string_view dag_id,
                    std::string_view run_id,
                    std::string_view task_id,
                    int map_index,
                    int try_number);

}  // namespace stargaze::orchestrate
