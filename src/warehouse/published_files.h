// A publication's Parquet files as relations of SQL: which of them a question needs opened.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/instant.h"

namespace stargaze::warehouse {

// To stand behind FROM. Of files by day the folder's name is the column `day`, so that a condition
// on it opens only the files it needs.
std::string RelationOf(const std::vector<std::string>& files);

// The windows in days that trend_repository has, shortest first.
std::span<const int64_t> RankedWindows();

// Of repository_day's files, those of the kSparkDays that end on `day`.
std::vector<std::string> FilesOfSpark(const std::vector<std::string>& files, Day day);

// The days that may stand in for one start of a window, and for whom.
struct StandIn {
  std::vector<std::string> files{};
  std::string unread_sql{};       // Gives who was read at the window's end, but not at its start.
  std::vector<int64_t> unread{};  // Its answer.
};

// For both windows that a ranking compares; those with no day to stand in are left out.
// `window_days` is one of the mart's.
std::vector<StandIn> StandInsOfRanking(const std::vector<std::string>& files,
                                       Day day,
                                       int64_t window_days);

// A query over what a ranking of that day and window reads, no more: the days between are not
// opened, and those that stand in only for the unread.
std::string ReadingsOfRanking(const std::vector<std::string>& files,
                              Day day,
                              int64_t window_days,
                              const std::vector<StandIn>& stand_ins);

}  // namespace stargaze::warehouse
