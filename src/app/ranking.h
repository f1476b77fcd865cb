// The ranking of a day, from what is published: for the terminal and for reports.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "config/settings.h"
#include "warehouse/published_reader.h"

namespace CLI {
class App;
}

namespace stargaze::app {

struct RankingQuery {
  std::string metric = "stars";         // stars, forks
  std::string by = "velocity";          // velocity, acceleration, gain, total
  int64_t window_days = 7;              // 1, 7, 28, 90
  std::vector<std::string> licenses{};  // SPDX ids or licence keys in any case; "none".
  std::string language{};               // In any case; empty: all.
  std::string text{};                   // Part of the full name.
  std::optional<Day> asof{};
  int64_t limit = 20;  // 0: all.
};

struct Ranking {
  Day day{};
  bool sandbox = false;
  int64_t matching = 0;
  int64_t without_reading = 0;  // Among the matching: no velocity.
  // rank, repository_id, repository, stars, forks, gain, velocity, acceleration,
  // acceleration_margin, coverage, license, language, observed_at.
  storage::SqlRows rows{};
};

// kNotFound before the first closed day, or for a licence or language that nothing has.
Result<Ranking> Rank(warehouse::PublishedLease& lease, const RankingQuery& query);

// The flags that every ranking has: --metric, --search, --lang.
void AddRankingFlags(CLI::App& command, RankingQuery& query);

// "7d" → 7; kInvalidInput otherwise.
Result<int64_t> ParseWindow(const std::string& text);
Result<std::optional<Day>> ParseAsof(const std::string& text);
std::vector<std::string> SplitWords(const std::string& text);

// The data folder's publications. Immutable files behind a pointer: no lock is needed.
Result<std::unique_ptr<warehouse::PublishedReader>> OpenPublished(const config::Settings& settings);
// kNotFound with what to do about it before the first publication.
Result<warehouse::PublishedLease> AcquirePublished(warehouse::PublishedReader& published,
                                                   const std::stop_token& stop);

}  // namespace stargaze::app
