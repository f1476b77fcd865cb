#include "orchestrate/run_store.h"

#include <fmt/core.h>

#include <array>
#include <map>
#include <utility>

#include "orchestrate/run_rows.h"
#include "orchestrate/run_schema.h"

namespace stargaze::orchestrate {

using storage::Sqlite;
using storage::SqlRows;
using storage::SqlValue;

struct RunStore::Names {
  std::map<std::pair<std::string, std::string>, int64_t> tasks{};
  int64_t last_task = 0;
};

namespace {

int64_t Number(bool value) {
  return value ? 1 : 0;
}

template <typename Enum>
int64_t CodeOf(Enum value) {
  return static_cast<int64_t>(value);
}

int64_t FlagsOf(const StoredTry& one) {
  return (one.partial ? kPartialFlag : 0) | (one.cleared ? kClearedFlag : 0) |
         (one.lost ? kLostFlag : 0);
}

SqlValue TextOrNull(const std::string& text) {
  if (text.empty()) return std::monostate{};
  return text;
}

Result<std::vector<StoredRun>> RunsOf(Sqlite& database,
                                      const std::string& where,
                                      std::vector<SqlValue> values) {
  SG_TRY(
      const SqlRows rows,
      database.Query(fmt::format("SELECT {} FROM dag_run WHERE {}", kRunColumns, where), values));
  std::vector<StoredRun> runs;
  for (const auto& row : rows.rows) runs.push_back(RunOfRow(row));
  return runs;
}

Result<std::optional<StoredRun>> RunOf(Sqlite& database,
                                       const std::string& where,
                                       std::vector<SqlValue> values) {
  SG_TRY(std::vector<StoredRun> runs, RunsOf(database, where, std::move(values)));
  if (runs.empty()) return std::optional<StoredRun>();
  return std::optional<StoredRun>(std::move(runs.front()));
}

Result<int64_t> Highest(Sqlite& database, const std::string& column, const std::string& table) {
  SG_TRY(const SqlRows rows, database.Query(fmt::format("SELECT MAX({}) FROM {}", column, table)));
  return IntegerOf(rows.rows.front().front());
}

StoredBackfill StoredBackfillOf(const Row& row) {
  return {.view = BackfillOfRow(row),
          .reprocess = static_cast<Reprocess>(IntegerOf(row[11])),
          .conf = TextOf(row[12])};
}

}  // namespace

RunStore::RunStore(std::unique_ptr<Sqlite> database)
    : database_(std::move(database)), names_(std::make_unique<Names>()) {}
RunStore::~RunStore() = default;

Result<std::unique_ptr<RunStore>> RunStore::Open(const RunStoreOptions& options) {
  SG_TRY(auto database, Sqlite::Open(options.path, options.durability));
  std::unique_ptr<RunStore> store(new RunStore(std::move(database)));
  SG_RETURN_IF_ERROR(store->Load());
  SG_TRY(store->checkpointer_, Checkpointer::Open(options.path, *store->database_));
  return store;
}

Status RunStore::Load() {
  SG_TRY(const SqlRows version, database_->Query("PRAGMA user_version"));
  const int64_t found = IntegerOf(version.rows.front().front());
  if (found > kRunSchemaVersion)
    return Error(ErrorKind::kUnsupported,
                 fmt::format("the run state is of version {}, this program knows {}",
                             found,
                             kRunSchemaVersion))
        .Remedy("start the newer program that wrote it, or restore the folder's backup");
  if (found < kRunSchemaVersion) {
    SG_RETURN_IF_ERROR(database_->Transaction([&]() -> Status {
      SG_RETURN_IF_ERROR(database_->Execute(kRunSchema));
      return database_->Execute(fmt::format("PRAGMA user_version = {}", kRunSchemaVersion));
    }));
  }
  SG_TRY(last_run_, Highest(*database_, "run", "dag_run"));
  SG_TRY(last_backfill_, Highest(*database_, "number", "backfill"));
  SG_TRY(last_audit_, Highest(*database_, "id", "audit"));
  SG_TRY(last_event_, Highest(*database_, "id", "event"));
  SG_TRY(const SqlRows tasks, database_->Query("SELECT task, dag_id, task_id FROM task"));
  for (const auto& row : tasks.rows) {
    names_->tasks[{TextOf(row[1]), TextOf(row[2])}] = IntegerOf(row[0]);
    names_->last_task = std::max(names_->last_task, IntegerOf(row[0]));
  }
  return Ok();
}

Status RunStore::Commit() {
  if (notes_.empty()) return Ok();
  SG_RETURN_IF_ERROR(database_->Transaction([&]() -> Status {
    for (const Note& note : notes_) SG_RETURN_IF_ERROR(Write(note));
    return Ok();
  }));
  notes_.clear();
  ++commits_;
  if (checkpointer_) checkpointer_->Committed();
  return Ok();
}

int64_t RunStore::TaskNumber(const std::string& dag_id, const std::string& task_id) {
  const auto [at, is_new] = names_->tasks.try_emplace({dag_id, task_id}, names_->last_task + 1);
  if (!is_new) return at->second;
  const int64_t number = ++names_->last_task;
  notes_.emplace_back([=](Sqlite& database) {
    return database.Run("INSERT INTO task VALUES (?1, ?2, ?3)",
                        std::array<SqlValue, 3>{number, dag_id, task_id});
  });
  return number;
}

void RunStore::PutRun(const StoredRun& run) {
  notes_.emplace_back([run](Sqlite& database) {
    const RunView& view = run.view;
    return database.Run(
        "INSERT OR REPLACE INTO dag_run VALUES "
        "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
        std::array<SqlValue, 15>{view.number,
                                 view.run.dag_id,
                                 view.run.run_id,
                                 view.run.logical_date,
                                 CodeOf(view.type),
                                 CodeOf(view.state),
                                 view.data_start,
                                 view.data_end,
                                 view.queued_at,
                                 CellOf(view.started_at),
                                 CellOf(view.ended_at),
                                 view.cause,
                                 view.conf,
                                 view.backfill,
                                 Number(run.cancelled)});
  });
}

void RunStore::PutRunTask(int64_t run, const StoredRunTask& task) {
  notes_.emplace_back([run, task](Sqlite& database) {
    return database.Run(
        "INSERT OR REPLACE INTO run_task VALUES (?1, ?2, ?3, ?4)",
        std::array<SqlValue, 4>{run, task.task, task.instances, CodeOf(task.state)});
  });
}

void RunStore::InsertTry(StoredTry one) {
  notes_.emplace_back([one = std::move(one)](Sqlite& database) {
    return database.Run(
        "INSERT OR REPLACE INTO task_try VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)",
        std::array<SqlValue, 11>{one.run,
                                 one.task,
                                 int64_t{one.map_index},
                                 int64_t{one.try_number},
                                 CodeOf(one.state),
                                 FlagsOf(one),
                                 one.started_at,
                                 CellOf(one.ended_at),
                                 CellOf(one.next_at),
                                 TextOrNull(one.detail),
                                 TextOrNull(one.attempt_hex)});
  });
}

void RunStore::UpdateTry(StoredTry one) {
  notes_.emplace_back([one = std::move(one)](Sqlite& database) {
    return database.Run(
        "UPDATE task_try SET state = ?5, flags = ?6, ended_at = ?7, next_at = ?8, "
        "detail = COALESCE(?9, detail), hex = COALESCE(?10, hex) "
        "WHERE run = ?1 AND task = ?2 AND map_index = ?3 AND try = ?4",
        std::array<SqlValue, 10>{one.run,
                                 one.task,
                                 int64_t{one.map_index},
                                 int64_t{one.try_number},
                                 CodeOf(one.state),
                                 FlagsOf(one),
                                 CellOf(one.ended_at),
                                 CellOf(one.next_at),
                                 TextOrNull(one.detail),
                                 TextOrNull(one.attempt_hex)});
  });
}

void RunStore::ClearTries(int64_t run, int64_t task, int first, int last) {
  notes_.emplace_back([=](Sqlite& database) {
    return database.Run(
        "UPDATE task_try SET flags = flags | ?5 "
        "WHERE run = ?1 AND task = ?2 AND map_index BETWEEN ?3 AND ?4",
        std::array<SqlValue, 5>{run, task, int64_t{first}, int64_t{last}, int64_t{kClearedFlag}});
  });
}

void RunStore::PutDag(const StoredDag& dag) {
  notes_.emplace_back([dag](Sqlite& database) {
    return database.Run(
        "INSERT OR REPLACE INTO dag VALUES (?1, ?2, ?3, ?4)",
        std::array<SqlValue, 4>{
            dag.dag_id, Number(dag.paused), dag.first_seen, CellOf(dag.last_logical_date)});
  });
}

void RunStore::PutPool(const PoolSetting& pool) {
  notes_.emplace_back([pool](Sqlite& database) {
    return database.Run("INSERT OR REPLACE INTO pool VALUES (?1, ?2, ?3)",
                        std::array<SqlValue, 3>{pool.name, int64_t{pool.slots}, pool.description});
  });
}

void RunStore::DeletePool(const std::string& name) {
  notes_.emplace_back([name](Sqlite& database) {
    return database.Run("DELETE FROM pool WHERE name = ?1", std::array<SqlValue, 1>{name});
  });
}

void RunStore::PutVariable(const std::string& name, const std::string& value, Instant at) {
  notes_.emplace_back([=](Sqlite& database) {
    return database.Run("INSERT OR REPLACE INTO variable VALUES (?1, ?2, ?3)",
                        std::array<SqlValue, 3>{name, value, at});
  });
}

void RunStore::DeleteVariable(const std::string& name) {
  notes_.emplace_back([name](Sqlite& database) {
    return database.Run("DELETE FROM variable WHERE name = ?1", std::array<SqlValue, 1>{name});
  });
}

void RunStore::PutBackfill(const StoredBackfill& backfill) {
  notes_.emplace_back([backfill](Sqlite& database) {
    const BackfillView& view = backfill.view;
    return database.Run(
        "INSERT OR REPLACE INTO backfill VALUES "
        "(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        std::array<SqlValue, 13>{view.number,
                                 view.dag_id,
                                 CodeOf(view.state),
                                 view.from,
                                 view.to,
                                 Number(view.backwards),
                                 int64_t{view.max_active_runs},
                                 view.total,
                                 view.made,
                                 view.succeeded,
                                 view.failed,
                                 CodeOf(backfill.reprocess),
                                 backfill.conf});
  });
}

void RunStore::InsertEvent(const Event& event) {
  last_event_ = std::max(last_event_, event.id);
  notes_.emplace_back([event](Sqlite& database) {
    return database.Run(
        "INSERT INTO event VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        std::array<SqlValue, 12>{event.id,
                                 event.at,
                                 CodeOf(event.kind),
                                 event.dag_id,
                                 event.run_id,
                                 event.task_id,
                                 int64_t{event.map_index},
                                 int64_t{event.try_number},
                                 CodeOf(event.state),
                                 CodeOf(event.run_state),
                                 int64_t{event.took.count()},
                                 event.detail});
  });
}

void RunStore::InsertAudit(const AuditEntry& entry) {
  notes_.emplace_back([entry](Sqlite& database) {
    return database.Run("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                        std::array<SqlValue, 8>{entry.id,
                                                entry.at,
                                                entry.who,
                                                entry.action,
                                                entry.dag_id,
                                                entry.run_id,
                                                entry.detail,
                                                entry.reason});
  });
}

void RunStore::PruneEvents(int64_t keep) {
  // At most a thousand at once: a tick must stay short.
  notes_.emplace_back([keep](Sqlite& database) {
    return database.Run(
        "DELETE FROM event WHERE id IN (SELECT id FROM event WHERE id < "
        "(SELECT id FROM event ORDER BY id DESC LIMIT 1 OFFSET ?1) ORDER BY id LIMIT 1000)",
        std::array<SqlValue, 1>{keep});
  });
}

Result<std::vector<StoredRun>> RunStore::UnfinishedRuns() {
  return RunsOf(*database_, "state < 2 ORDER BY run", {});
}

Result<std::optional<StoredRun>> RunStore::FindRun(const std::string& dag_id,
                                                   const std::string& run_id) {
  return RunOf(*database_, "dag_id = ?1 AND run_id = ?2", {dag_id, run_id});
}

Result<std::optional<StoredRun>> RunStore::FindRunAt(const std::string& dag_id,
                                                     Instant logical_date) {
  return RunOf(
      *database_, "dag_id = ?1 AND logical = ?2 ORDER BY run DESC LIMIT 1", {dag_id, logical_date});
}

Result<std::optional<StoredRun>> RunStore::RunBefore(const std::string& dag_id,
                                                     Instant logical_date) {
  return RunOf(*database_,
               "dag_id = ?1 AND logical < ?2 ORDER BY logical DESC, run DESC LIMIT 1",
               {dag_id, logical_date});
}

Result<std::vector<StoredRun>> RunStore::RunsWithin(const std::string& dag_id,
                                                    std::optional<Instant> from,
                                                    std::optional<Instant> to,
                                                    int limit) {
  return RunsOf(*database_,
                "dag_id = ?1 AND (?2 IS NULL OR logical >= ?2) AND (?3 IS NULL OR logical <= ?3) "
                "ORDER BY logical, run LIMIT ?4",
                {dag_id, CellOf(from), CellOf(to), int64_t{limit}});
}

Result<std::vector<StoredRunTask>> RunStore::RunTasks(int64_t run) {
  SG_TRY(const SqlRows rows,
         database_->Query("SELECT task, instances, state FROM run_task WHERE run = ?1",
                          std::array<SqlValue, 1>{run}));
  std::vector<StoredRunTask> tasks;
  for (const auto& row : rows.rows)
    tasks.push_back({.task = IntegerOf(row[0]),
                     .instances = IntegerOf(row[1]),
                     .state = static_cast<InstanceState>(IntegerOf(row[2]))});
  return tasks;
}

Status RunStore::Tries(int64_t run, const std::function<void(const StoredTry&)>& take) {
  StoredTry one;
  one.run = run;
  return database_->ForEach(
      "SELECT task, map_index, try, state, flags, started_at, ended_at, next_at FROM task_try "
      "WHERE run = ?1 ORDER BY task, map_index, try",
      std::array<SqlValue, 1>{run},
      [&](const Row& row) {
        one.task = IntegerOf(row[0]);
        one.map_index = static_cast<int>(IntegerOf(row[1]));
        one.try_number = static_cast<int>(IntegerOf(row[2]));
        one.state = static_cast<InstanceState>(IntegerOf(row[3]));
        const int64_t flags = IntegerOf(row[4]);
        one.partial = (flags & kPartialFlag) != 0;
        one.cleared = (flags & kClearedFlag) != 0;
        one.lost = (flags & kLostFlag) != 0;
        one.started_at = InstantOf(row[5]);
        one.ended_at = MaybeInstant(row[6]);
        one.next_at = MaybeInstant(row[7]);
        take(one);
      });
}

Result<std::vector<StoredDag>> RunStore::Dags() {
  SG_TRY(const SqlRows rows,
         database_->Query("SELECT dag_id, paused, first_seen, last_logical FROM dag"));
  std::vector<StoredDag> dags;
  for (const auto& row : rows.rows)
    dags.push_back({.dag_id = TextOf(row[0]),
                    .paused = IntegerOf(row[1]) != 0,
                    .first_seen = InstantOf(row[2]),
                    .last_logical_date = MaybeInstant(row[3])});
  return dags;
}

Result<std::vector<PoolSetting>> RunStore::Pools() {
  SG_TRY(const SqlRows rows, database_->Query(kPoolsQuery));
  return PoolsOfRows(rows);
}

Result<std::vector<StoredBackfill>> RunStore::OpenBackfills() {
  SG_TRY(const SqlRows rows, database_->Query("SELECT * FROM backfill WHERE state < 2"));
  std::vector<StoredBackfill> backfills;
  for (const auto& row : rows.rows) backfills.push_back(StoredBackfillOf(row));
  return backfills;
}

Result<std::optional<StoredBackfill>> RunStore::FindBackfill(int64_t number) {
  SG_TRY(const SqlRows rows,
         database_->Query("SELECT * FROM backfill WHERE number = ?1",
                          std::array<SqlValue, 1>{number}));
  if (rows.empty()) return std::optional<StoredBackfill>();
  return std::optional<StoredBackfill>(StoredBackfillOf(rows.rows.front()));
}

}  // namespace stargaze::orchestrate
