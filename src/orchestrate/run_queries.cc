#include "orchestrate/run_queries.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "orchestrate/run_rows.h"
#include "orchestrate/run_schema.h"

namespace stargaze::orchestrate {

using storage::SqlRows;
using storage::SqlValue;

namespace {

constexpr int kMaxLimit = 1000;

int64_t LimitOf(int limit) {
  return std::clamp(limit, 1, kMaxLimit);
}

template <typename Enum>
SqlValue CodeOf(const std::optional<Enum>& value) {
  if (!value) return std::monostate{};
  return static_cast<int64_t>(*value);
}

SqlValue MaybeText(const std::optional<std::string>& text) {
  if (!text) return std::monostate{};
  return *text;
}

// The last row of an instance that is not history says how it stands.
constexpr std::string_view kInstanceSql =
    "SELECT n.task_id, t.map_index, t.state, t.try, t.flags, t.started_at, t.ended_at, t.next_at, "
    "t.detail, t.hex FROM task_try t JOIN task n ON n.task = t.task WHERE t.run = ?1 "
    "AND t.flags & 2 = 0 AND (?2 IS NULL OR n.task_id = ?2) AND (?3 IS NULL OR t.state = ?3) "
    "AND NOT EXISTS (SELECT 1 FROM task_try l WHERE l.run = t.run AND l.task = t.task "
    "AND l.map_index = t.map_index AND l.try > t.try) "
    "ORDER BY t.task, t.map_index LIMIT ?4 OFFSET ?5";

InstanceView InstanceOfRow(const Row& row) {
  InstanceView view;
  view.task_id = TextOf(row[0]);
  view.map_index = static_cast<int>(IntegerOf(row[1]));
  view.state = static_cast<InstanceState>(IntegerOf(row[2]));
  view.try_number = static_cast<int>(IntegerOf(row[3]));
  view.partial = (IntegerOf(row[4]) & kPartialFlag) != 0;
  view.started_at = MaybeInstant(row[5]);
  view.ended_at = MaybeInstant(row[6]);
  view.next_at = MaybeInstant(row[7]);
  view.detail = TextOf(row[8]);
  view.attempt_hex = TextOf(row[9]);
  return view;
}

}  // namespace

RunQueries::RunQueries(std::unique_ptr<storage::Sqlite> database)
    : database_(std::move(database)) {}

Result<std::unique_ptr<RunQueries>> RunQueries::Open(const std::string& path) {
  const auto missing = [&path] {
    return Error(ErrorKind::kNotFound, "there is no run state yet: " + path);
  };
  std::error_code error;
  if (!std::filesystem::exists(path, error)) return missing();
  SG_TRY(auto database, storage::Sqlite::OpenReadOnly(path));
  SG_TRY(const SqlRows version, database->Query("PRAGMA user_version"));
  if (IntegerOf(version.rows.front().front()) < kRunSchemaVersion) return missing();
  return std::unique_ptr<RunQueries>(new RunQueries(std::move(database)));
}

Result<std::unique_ptr<RunQueries>> RunQueries::OpenEmpty() {
  SG_TRY(auto database, storage::Sqlite::Open(":memory:"));
  SG_RETURN_IF_ERROR(database->Execute(kRunSchema));
  return std::unique_ptr<RunQueries>(new RunQueries(std::move(database)));
}

Result<SqlRows> RunQueries::Query(std::string_view sql, std::vector<SqlValue> values) {
  const std::lock_guard lock(mutex_);
  return database_->Query(sql, values);
}

Result<RunPage> RunQueries::Runs(const RunFilter& filter) {
  const int64_t limit = LimitOf(filter.limit);
  SqlValue before = std::monostate{};
  if (filter.before) before = *filter.before;
  SG_TRY(const SqlRows rows,
         Query(fmt::format("SELECT {} FROM dag_run WHERE (?1 IS NULL OR dag_id = ?1) "
                           "AND (?2 IS NULL OR state = ?2) AND (?3 IS NULL OR type = ?3) "
                           "AND (?4 IS NULL OR logical >= ?4) AND (?5 IS NULL OR logical <= ?5) "
                           "AND (?6 IS NULL OR run < ?6) ORDER BY run DESC LIMIT ?7",
                           kRunColumns),
               {MaybeText(filter.dag_id),
                CodeOf(filter.state),
                CodeOf(filter.type),
                CellOf(filter.logical_from),
                CellOf(filter.logical_to),
                before,
                limit + 1}));
  RunPage page;
  for (const auto& row : rows.rows) page.runs.push_back(RunOfRow(row).view);
  if (static_cast<int64_t>(page.runs.size()) > limit) {
    page.runs.pop_back();
    page.next = page.runs.back().number;
  }
  return page;
}

Result<RunView> RunQueries::Run(std::string_view dag_id, std::string_view run_id) {
  SG_TRY(const SqlRows rows,
         Query(fmt::format("SELECT {} FROM dag_run WHERE dag_id = ?1 AND run_id = ?2", kRunColumns),
               {std::string(dag_id), std::string(run_id)}));
  if (rows.empty())
    return Error(ErrorKind::kNotFound,
                 fmt::format("no run of {} has this name: {}", dag_id, run_id))
        .Remedy("look at the list of runs");
  return RunOfRow(rows.rows.front()).view;
}

Result<int64_t> RunQueries::NumberOf(std::string_view dag_id, std::string_view run_id) {
  SG_TRY(const RunView view, Run(dag_id, run_id));
  return view.number;
}

Result<std::vector<InstanceView>> RunQueries::Instances(std::string_view dag_id,
                                                        std::string_view run_id,
                                                        const InstanceFilter& filter) {
  SG_TRY(const int64_t run, NumberOf(dag_id, run_id));
  SG_TRY(const SqlRows rows,
         Query(kInstanceSql,
               {run,
                MaybeText(filter.task_id),
                CodeOf(filter.state),
                LimitOf(filter.limit),
                std::max<int64_t>(filter.offset, 0)}));
  std::vector<InstanceView> views;
  for (const auto& row : rows.rows) views.push_back(InstanceOfRow(row));
  return views;
}

Result<std::vector<TryView>> RunQueries::Tries(std::string_view dag_id,
                                               std::string_view run_id,
                                               std::string_view task_id,
                                               int map_index) {
  SG_TRY(const int64_t run, NumberOf(dag_id, run_id));
  SG_TRY(const SqlRows rows,
         Query("SELECT t.try, t.state, t.flags, t.started_at, t.ended_at, t.detail, t.hex "
               "FROM task_try t JOIN task n ON n.task = t.task "
               "WHERE t.run = ?1 AND n.task_id = ?2 AND t.map_index = ?3 ORDER BY t.try",
               {run, std::string(task_id), int64_t{map_index}}));
  std::vector<TryView> tries;
  for (const auto& row : rows.rows) {
    TryView view;
    view.try_number = static_cast<int>(IntegerOf(row[0]));
    view.state = static_cast<InstanceState>(IntegerOf(row[1]));
    view.partial = (IntegerOf(row[2]) & kPartialFlag) != 0;
    view.cleared = (IntegerOf(row[2]) & kClearedFlag) != 0;
    view.started_at = InstantOf(row[3]);
    view.ended_at = MaybeInstant(row[4]);
    view.detail = TextOf(row[5]);
    view.attempt_hex = TextOf(row[6]);
    view.log_path = LogPath(dag_id, run_id, task_id, map_index, view.try_number);
    tries.push_back(std::move(view));
  }
  return tries;
}

Result<std::map<std::string, StateCounts>> RunQueries::Counts(std::string_view dag_id,
                                                              std::string_view run_id) {
  SG_TRY(const int64_t run, NumberOf(dag_id, run_id));
  SG_TRY(const SqlRows rows,
         Query("SELECT n.task_id, t.state, COUNT(*) FROM task_try t JOIN task n ON n.task = t.task "
               "WHERE t.run = ?1 AND t.flags & 2 = 0 AND NOT EXISTS (SELECT 1 FROM task_try l "
               "WHERE l.run = t.run AND l.task = t.task AND l.map_index = t.map_index "
               "AND l.try > t.try) GROUP BY t.task, t.state",
               {run}));
  std::map<std::string, StateCounts> counts;
  std::map<std::string, int64_t> with_rows;
  for (const auto& row : rows.rows) {
    CountOf(counts[TextOf(row[0])], static_cast<InstanceState>(IntegerOf(row[1]))) =
        IntegerOf(row[2]);
    with_rows[TextOf(row[0])] += IntegerOf(row[2]);
  }
  SG_TRY(const SqlRows rests,
         Query("SELECT n.task_id, r.instances, r.state FROM run_task r JOIN task n "
               "ON n.task = r.task WHERE r.run = ?1",
               {run}));
  for (const auto& row : rests.rows) {
    // Where it is not known how many there are, the task counts as one.
    const int64_t rest = std::max<int64_t>(IntegerOf(row[1]), 1) - with_rows[TextOf(row[0])];
    if (rest > 0)
      CountOf(counts[TextOf(row[0])], static_cast<InstanceState>(IntegerOf(row[2]))) += rest;
  }
  return counts;
}

// The index of what has not ended is partial: "state < 2" is what lets it be used.
Result<std::vector<DagView>> RunQueries::Dags() {
  SG_TRY(const SqlRows rows,
         Query("SELECT d.dag_id, d.paused, d.last_logical, (SELECT COUNT(*) FROM dag_run r "
               "WHERE r.state < 2 AND r.state = 1 AND r.dag_id = d.dag_id) FROM dag d",
               {}));
  std::vector<DagView> views;
  for (const auto& row : rows.rows)
    views.push_back({.dag_id = TextOf(row[0]),
                     .paused = IntegerOf(row[1]) != 0,
                     .active_runs = static_cast<int>(IntegerOf(row[3])),
                     .last_logical_date = MaybeInstant(row[2])});
  return views;
}

Result<std::vector<PoolSetting>> RunQueries::Pools() {
  SG_TRY(const SqlRows rows, Query(kPoolsQuery, {}));
  return PoolsOfRows(rows);
}

Result<std::vector<AuditEntry>> RunQueries::Audit(std::optional<int64_t> before, int limit) {
  SqlValue last = std::monostate{};
  if (before) last = *before;
  SG_TRY(const SqlRows rows,
         Query("SELECT id, at, who, action, dag_id, run_id, detail, reason FROM audit "
               "WHERE ?1 IS NULL OR id < ?1 ORDER BY id DESC LIMIT ?2",
               {last, LimitOf(limit)}));
  std::vector<AuditEntry> entries;
  for (const auto& row : rows.rows)
    entries.push_back({.id = IntegerOf(row[0]),
                       .at = InstantOf(row[1]),
                       .who = TextOf(row[2]),
                       .action = TextOf(row[3]),
                       .dag_id = TextOf(row[4]),
                       .run_id = TextOf(row[5]),
                       .detail = TextOf(row[6]),
                       .reason = TextOf(row[7])});
  return entries;
}

Result<std::vector<BackfillView>> RunQueries::Backfills(const std::optional<std::string>& dag_id,
                                                        int limit) {
  SG_TRY(const SqlRows rows,
         Query("SELECT * FROM backfill WHERE ?1 IS NULL OR dag_id = ?1 "
               "ORDER BY number DESC LIMIT ?2",
               {MaybeText(dag_id), LimitOf(limit)}));
  std::vector<BackfillView> views;
  for (const auto& row : rows.rows) views.push_back(BackfillOfRow(row));
  return views;
}

Result<std::map<std::string, std::string>> RunQueries::Variables() {
  SG_TRY(const SqlRows rows, Query("SELECT name, value FROM variable", {}));
  std::map<std::string, std::string> variables;
  for (const auto& row : rows.rows) variables[TextOf(row[0])] = TextOf(row[1]);
  return variables;
}

Result<std::vector<Event>> RunQueries::Events(int64_t after, int limit) {
  SG_TRY(const SqlRows rows,
         Query("SELECT id, at, kind, dag_id, run_id, task_id, map_index, try, state, run_state, "
               "took, detail FROM event WHERE id > ?1 ORDER BY id LIMIT ?2",
               {after, LimitOf(limit)}));
  std::vector<Event> events;
  for (const auto& row : rows.rows)
    events.push_back({.id = IntegerOf(row[0]),
                      .at = InstantOf(row[1]),
                      .kind = static_cast<EventKind>(IntegerOf(row[2])),
                      .dag_id = TextOf(row[3]),
                      .run_id = TextOf(row[4]),
                      .task_id = TextOf(row[5]),
                      .map_index = static_cast<int>(IntegerOf(row[6])),
                      .try_number = static_cast<int>(IntegerOf(row[7])),
                      .state = static_cast<InstanceState>(IntegerOf(row[8])),
                      .run_state = static_cast<DagRunState>(IntegerOf(row[9])),
                      .took = std::chrono::microseconds(IntegerOf(row[10])),
                      .detail = TextOf(row[11])});
  return events;
}

std::string LogPath(std::string_view dag_id,
                    std::string_view run_id,
                    std::string_view task_id,
                    int map_index,
                    int try_number) {
  return fmt::format("{}/{}/{}/{}/{}.log", dag_id, run_id, task_id, map_index, try_number);
}

}  // namespace stargaze::orchestrate
