#include "orchestrate/run_rows.h"

namespace stargaze::orchestrate {

using storage::SqlValue;

int64_t IntegerOf(const SqlValue& cell) {
  const auto* value = std::get_if<int64_t>(&cell);
  return value == nullptr ? 0 : *value;
}

std::string TextOf(const SqlValue& cell) {
  const auto* value = std::get_if<std::string>(&cell);
  return value == nullptr ? "" : *value;
}

Instant InstantOf(const SqlValue& cell) {
  return Instant(std::chrono::microseconds(IntegerOf(cell)));
}

std::optional<Instant> MaybeInstant(const SqlValue& cell) {
  if (std::holds_alternative<std::monostate>(cell)) return std::nullopt;
  return InstantOf(cell);
}

SqlValue CellOf(const std::optional<Instant>& instant) {
  if (!instant) return std::monostate{};
  return *instant;
}

StoredRun RunOfRow(const Row& row) {
  StoredRun stored;
  RunView& view = stored.view;
  view.number = IntegerOf(row[0]);
  view.run = {
      .dag_id = TextOf(row[1]), .run_id = TextOf(row[2]), .logical_date = InstantOf(row[3])};
  view.type = static_cast<RunType>(IntegerOf(row[4]));
  view.state = static_cast<DagRunState>(IntegerOf(row[5]));
  view.data_start = InstantOf(row[6]);
  view.data_end = InstantOf(row[7]);
  view.queued_at = InstantOf(row[8]);
  view.started_at = MaybeInstant(row[9]);
  view.ended_at = MaybeInstant(row[10]);
  view.cause = TextOf(row[11]);
  view.conf = TextOf(row[12]);
  view.backfill = IntegerOf(row[13]);
  stored.cancelled = IntegerOf(row[14]) != 0;
  return stored;
}

BackfillView BackfillOfRow(const Row& row) {
  BackfillView view;
  view.number = IntegerOf(row[0]);
  view.dag_id = TextOf(row[1]);
  view.state = static_cast<BackfillState>(IntegerOf(row[2]));
  view.from = InstantOf(row[3]);
  view.to = InstantOf(row[4]);
  view.backwards = IntegerOf(row[5]) != 0;
  view.max_active_runs = static_cast<int>(IntegerOf(row[6]));
  view.total = IntegerOf(row[7]);
  view.made = IntegerOf(row[8]);
  view.succeeded = IntegerOf(row[9]);
  view.failed = IntegerOf(row[10]);
  return view;
}

std::vector<PoolSetting> PoolsOfRows(const storage::SqlRows& rows) {
  std::vector<PoolSetting> pools;
  for (const Row& row : rows.rows)
    pools.push_back({.name = TextOf(row[0]),
                     .slots = static_cast<int>(IntegerOf(row[1])),
                     .description = TextOf(row[2])});
  return pools;
}

}  // namespace stargaze::orchestrate
