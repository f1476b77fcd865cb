// The marts: SQL files that are run over the warehouse's tables for the days that changed.

#pragma once

#include <optional>
#include <string>

#include "base/instant.h"
#include "base/result.h"
#include "model/dataset.h"
#include "storage/duckdb.h"

namespace stargaze::warehouse {

struct MartTexts {
  std::string repository_day{};    // marts/repository_day.sql
  std::string trend_repository{};  // marts/trend_repository.sql
};

// Replaces repository_day for the days in changed_day, then closed_day, then trend_repository for
// the newest closed day; all in one transaction.
Status RebuildMarts(storage::DuckDbConnection& connection,
                    const model::Catalog& catalog,
                    const MartTexts& marts);

// The mart's text for one day; with `window_days`, only that window's rows, which do not depend on
// the other windows.
std::string TrendSql(const std::string& mart, Day day, std::optional<int64_t> window_days = {});

// "closed_day": the days with a snapshot on which every scheduled snapshot run has ended. A day
// whose last run was missed is closed by the end of any later day's run, since a missed run is not
// made up for.
std::string ClosedDaySql(const model::Catalog& catalog);

}  // namespace stargaze::warehouse
