// The tables of the run state; docs/decisions/0014 says why they look so.

#pragma once

#include <string_view>

namespace stargaze::orchestrate {

inline constexpr int kRunSchemaVersion = 1;

// Instants are microseconds since the epoch, states the numbers of run_state.h.
inline constexpr std::string_view kRunSchema = R"(
CREATE TABLE IF NOT EXISTS dag(
  dag_id TEXT PRIMARY KEY, paused INTEGER NOT NULL, first_seen INTEGER NOT NULL, last_logical INTEGER
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS task(
  task INTEGER PRIMARY KEY, dag_id TEXT NOT NULL, task_id TEXT NOT NULL, UNIQUE(dag_id, task_id));
CREATE TABLE IF NOT EXISTS dag_run(
  run INTEGER PRIMARY KEY, dag_id TEXT NOT NULL, run_id TEXT NOT NULL, logical INTEGER NOT NULL,
  type INTEGER NOT NULL, state INTEGER NOT NULL, data_start INTEGER NOT NULL, data_end INTEGER NOT NULL,
  queued_at INTEGER NOT NULL, started_at INTEGER, ended_at INTEGER, cause TEXT NOT NULL, conf TEXT NOT NULL,
  backfill INTEGER NOT NULL, cancelled INTEGER NOT NULL, UNIQUE(dag_id, run_id));
CREATE INDEX IF NOT EXISTS dag_run_date ON dag_run(dag_id, logical);
CREATE INDEX IF NOT EXISTS dag_run_unfinished ON dag_run(state) WHERE state < 2;
CREATE TABLE IF NOT EXISTS run_task(
  run INTEGER NOT NULL, task INTEGER NOT NULL, instances INTEGER NOT NULL, state INTEGER NOT NULL,
  PRIMARY KEY(run, task)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS task_try(
  run INTEGER NOT NULL, task INTEGER NOT NULL, map_index INTEGER NOT NULL, try INTEGER NOT NULL,
  state INTEGER NOT NULL, flags INTEGER NOT NULL, started_at INTEGER NOT NULL, ended_at INTEGER,
  next_at INTEGER, detail TEXT, hex TEXT, PRIMARY KEY(run, task, map_index, try)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS pool(
  name TEXT PRIMARY KEY, slots INTEGER NOT NULL, description TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS variable(
  name TEXT PRIMARY KEY, value TEXT NOT NULL, changed_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS backfill(
  number INTEGER PRIMARY KEY, dag_id TEXT NOT NULL, state INTEGER NOT NULL, "from" INTEGER NOT NULL,
  "to" INTEGER NOT NULL, backwards INTEGER NOT NULL, max_active_runs INTEGER NOT NULL,
  total INTEGER NOT NULL, made INTEGER NOT NULL, succeeded INTEGER NOT NULL, failed INTEGER NOT NULL,
  reprocess INTEGER NOT NULL, conf TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS event(
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind INTEGER NOT NULL, dag_id TEXT NOT NULL,
  run_id TEXT NOT NULL, task_id TEXT NOT NULL, map_index INTEGER NOT NULL, try INTEGER NOT NULL,
  state INTEGER NOT NULL, run_state INTEGER NOT NULL, took INTEGER NOT NULL, detail TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS audit(
  id INTEGER PRIMARY KEY, at INTEGER NOT NULL, who TEXT NOT NULL, action TEXT NOT NULL,
  dag_id TEXT NOT NULL, run_id TEXT NOT NULL, detail TEXT NOT NULL, reason TEXT NOT NULL);
)";

// The columns of a run in the order that RunOfRow reads them.
inline constexpr std::string_view kRunColumns =
    "run, dag_id, run_id, logical, type, state, data_start, data_end, queued_at, started_at, "
    "ended_at, "
    "cause, conf, backfill, cancelled";

// task_try.flags
inline constexpr int kPartialFlag = 1;
inline constexpr int kClearedFlag = 2;
inline constexpr int kLostFlag = 4;

}  // namespace stargaze::orchestrate
