// The run state on disk: SQLite, one writer, transitions committed in groups.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "orchestrate/checkpointer.h"
#include "orchestrate/operations.h"
#include "orchestrate/run_views.h"
#include "orchestrate/scheduler_ports.h"
#include "storage/sqlite.h"

namespace stargaze::orchestrate {

struct RunStoreOptions {
  std::string path{};
  // What a commit survives: kProcessKill (WAL, synchronous=NORMAL) or kPowerLoss (FULL).
  storage::Durability durability = storage::Durability::kProcessKill;
};

struct StoredTry {
  int64_t run = 0;
  int64_t task = 0;  // Number of the task: RunStore::TaskNumber.
  int map_index = 0;
  int try_number = 0;
  InstanceState state = InstanceState::kRunning;
  bool partial = false;
  bool cleared = false;
  bool lost = false;  // Ended with its process, or by a stop of the scheduler: no retry used up.
  Instant started_at{};
  std::optional<Instant> ended_at{};
  std::optional<Instant> next_at{};
  std::string detail{};
  std::string attempt_hex{};
};

struct StoredRun {
  RunView view{};
  bool cancelled = false;
};

struct StoredRunTask {  // All instances of a task that have no row of their own.
  int64_t task = 0;
  int64_t instances = 1;  // 0: not known yet; the task counts as one.
  InstanceState state = InstanceState::kNone;
};

struct StoredDag {
  std::string dag_id{};
  bool paused = false;
  Instant first_seen{};
  std::optional<Instant> last_logical_date{};
};

struct StoredBackfill {
  BackfillView view{};
  Reprocess reprocess = Reprocess::kNone;
  std::string conf{};
};

// Writes are noted and become durable together by Commit; reads see only what is committed. What a
// failed Commit did not write stays noted and goes with the next. One thread.
class RunStore {
 public:
  static Result<std::unique_ptr<RunStore>> Open(const RunStoreOptions& options);
  virtual ~RunStore();
  RunStore(const RunStore&) = delete;
  RunStore& operator=(const RunStore&) = delete;

  virtual Status Commit();
  bool HasNotes() const { return !notes_.empty(); }
  // Grows with every commit that wrote something: tells whether what was noted can be read yet.
  int64_t commits() const { return commits_; }

  void PutRun(const StoredRun& run);  // Inserts or replaces.
  void PutRunTask(int64_t run, const StoredRunTask& task);
  void InsertTry(StoredTry one);
  void UpdateTry(StoredTry one);  // All but detail and hex when these are empty.
  // Marks all tries of the instances [first, last] as history.
  void ClearTries(int64_t run, int64_t task, int first, int last);
  void PutDag(const StoredDag& dag);
  void PutPool(const PoolSetting& pool);
  void DeletePool(const std::string& name);
  void PutVariable(const std::string& name, const std::string& value, Instant at);
  void DeleteVariable(const std::string& name);
  void PutBackfill(const StoredBackfill& backfill);
  void InsertEvent(const Event& event);
  void InsertAudit(const AuditEntry& entry);
  void PruneEvents(int64_t keep);

  // Numbers are given out here, so that they are known before the commit.
  int64_t NextRunNumber() { return ++last_run_; }
  int64_t NextBackfillNumber() { return ++last_backfill_; }
  int64_t NextAuditNumber() { return ++last_audit_; }
  int64_t last_event() const { return last_event_; }
  int64_t TaskNumber(const std::string& dag_id, const std::string& task_id);

  Result<std::vector<StoredRun>> UnfinishedRuns();
  Result<std::optional<StoredRun>> FindRun(const std::string& dag_id, const std::string& run_id);
  Result<std::optional<StoredRun>> FindRunAt(const std::string& dag_id, Instant logical_date);
  // The latest run of the DAG before that logical date.
  Result<std::optional<StoredRun>> RunBefore(const std::string& dag_id, Instant logical_date);
  Result<std::vector<StoredRun>> RunsWithin(const std::string& dag_id,
                                            std::optional<Instant> from,
                                            std::optional<Instant> to,
                                            int limit);
  Result<std::vector<StoredRunTask>> RunTasks(int64_t run);
  // In order of (task, map_index, try); `take` gets each.
  Status Tries(int64_t run, const std::function<void(const StoredTry&)>& take);
  Result<std::vector<StoredDag>> Dags();
  Result<std::vector<PoolSetting>> Pools();
  Result<std::vector<StoredBackfill>> OpenBackfills();
  Result<std::optional<StoredBackfill>> FindBackfill(int64_t number);

 protected:
  using Note = std::function<Status(storage::Sqlite&)>;
  explicit RunStore(std::unique_ptr<storage::Sqlite> database);
  Status Load();
  // One noted write; simulations crash here.
  virtual Status Write(const Note& note) { return note(*database_); }

 private:
  struct Names;
  std::unique_ptr<storage::Sqlite> database_;
  std::unique_ptr<Checkpointer> checkpointer_{};  // Of stores that are opened; may be absent.
  std::unique_ptr<Names> names_;
  std::vector<Note> notes_;
  int64_t commits_ = 0;
  int64_t last_run_ = 0;
  int64_t last_backfill_ = 0;
  int64_t last_audit_ = 0;
  int64_t last_event_ = 0;
};

}  // namespace stargaze::orchestrate
