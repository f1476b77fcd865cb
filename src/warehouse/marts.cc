#include "warehouse/marts.h"

#include <fmt/core.h>

#include <set>

#include "storage/duckdb.h"

namespace stargaze::warehouse {
namespace {

using storage::DuckDbConnection;
using storage::SqlRows;

std::string Replaced(std::string text, const std::string& what, const std::string& with) {
  for (std::size_t at = text.find(what); at != std::string::npos;
       at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
  return text;
}

// The pipelines whose datasets give snapshots, as a list of SQL rows.
std::string SnapshotPipelines(const model::Catalog& catalog) {
  std::set<std::string> dags;
  for (const model::Dataset& dataset : catalog.datasets) {
    if (dataset.FindTable("repository_snapshot") != nullptr) dags.insert(dataset.dag);
  }
  std::string rows;
  for (const std::string& dag : dags)
    rows += fmt::format("{}({})", rows.empty() ? "" : ", ", storage::QuoteLiteral(dag));
  return rows.empty() ? "(NULL)" : rows;
}

Status ReplaceDays(DuckDbConnection& connection, const std::string& mart) {
  SG_TRY(const SqlRows rows,
         connection.Query(
             "SELECT string_agg(DISTINCT 'DATE ''' || day || '''', ', ') FROM changed_day"));
  const std::string& days = rows.Text(0, 0);
  if (days.empty()) return Ok();
  SG_RETURN_IF_ERROR(
      connection.Execute(fmt::format("DELETE FROM repository_day WHERE day IN ({})", days)));
  return connection.Execute("INSERT INTO repository_day BY NAME " + Replaced(mart, "$days", days));
}

}  // namespace

std::string TrendSql(const std::string& mart, Day day, std::optional<int64_t> window_days) {
  const std::string wanted =
      window_days ? fmt::format("window_days = {}", *window_days) : std::string("true");
  return Replaced(Replaced(mart, "$wanted", wanted), "$day", "DATE '" + FormatDay(day) + "'");
}

// A day is closed when a pipeline that gives snapshots has ended its last run of that day, or has
// gone past it, and no other one is still to come: one that is scheduled and ran on that day or on
// the day before. One that was run by hand, or has not run for two days, holds nobody up.
std::string ClosedDaySql(const model::Catalog& catalog) {
  return fmt::format(
      "WITH pipeline(dag_id) AS (VALUES {}), "
      "run AS (SELECT dag_id, logical_date::DATE AS day, bool_or(last_of_day) AS is_last, "
      "bool_or(run_id LIKE 'scheduled%') AS is_scheduled FROM dag_run WHERE dag_id IN (FROM "
      "pipeline) GROUP BY ALL), "
      "feeding AS (SELECT dag_id, max(day) AS newest_day, arg_max(is_scheduled, day) AS "
      "is_scheduled FROM run GROUP BY dag_id) "
      "SELECT DISTINCT day FROM repository_day AS reading WHERE EXISTS (SELECT 1 FROM run WHERE "
      "run.day > reading.day OR (run.day = reading.day AND run.is_last)) AND NOT EXISTS ("
      "SELECT 1 FROM feeding WHERE is_scheduled AND newest_day BETWEEN reading.day - 1 AND "
      "reading.day AND NOT EXISTS (SELECT 1 FROM run WHERE run.dag_id = feeding.dag_id AND run.day "
      "= reading.day AND run.is_last))",
      SnapshotPipelines(catalog));
}

Status RebuildMarts(DuckDbConnection& connection,
                    const model::Catalog& catalog,
                    const MartTexts& marts) {
  return connection.Transaction([&]() -> Status {
    SG_RETURN_IF_ERROR(ReplaceDays(connection, marts.repository_day));
    SG_RETURN_IF_ERROR(
        connection.Execute("CREATE OR REPLACE TABLE closed_day AS " + ClosedDaySql(catalog)));
    SG_TRY(const SqlRows newest, connection.Query("SELECT max(day) FROM closed_day"));
    // Before the first closed day the mart is there, with its columns and no rows.
    const bool any = std::holds_alternative<Day>(newest.rows[0][0]);
    const Day day = any ? std::get<Day>(newest.rows[0][0]) : Day();
    SG_RETURN_IF_ERROR(connection.Execute("CREATE OR REPLACE TABLE trend_repository AS " +
                                          TrendSql(marts.trend_repository, day)));
    return connection.Execute(
        "INSERT INTO changed_table VALUES ('closed_day'), ('trend_repository')");
  });
}

}  // namespace stargaze::warehouse
