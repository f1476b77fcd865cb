// Rows of the run state into values: what the writer and the readers share.

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "orchestrate/run_store.h"
#include "storage/sqlite.h"

namespace stargaze::orchestrate {

using Row = std::vector<storage::SqlValue>;

int64_t IntegerOf(const storage::SqlValue& cell);   // NULL: 0.
std::string TextOf(const storage::SqlValue& cell);  // NULL: empty.
Instant InstantOf(const storage::SqlValue& cell);   // NULL: the epoch.
std::optional<Instant> MaybeInstant(const storage::SqlValue& cell);
storage::SqlValue CellOf(const std::optional<Instant>& instant);

StoredRun RunOfRow(const Row& row);          // kRunColumns
BackfillView BackfillOfRow(const Row& row);  // All columns of backfill, as declared.
inline constexpr std::string_view kPoolsQuery = "SELECT name, slots, description FROM pool";
std::vector<PoolSetting> PoolsOfRows(const storage::SqlRows& rows);

}  // namespace stargaze::orchestrate
