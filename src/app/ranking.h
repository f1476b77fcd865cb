// The ranking of a day, from what is published: for the terminal and for reports.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

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
  bool is_newest = false;  // Of the closed days that there are.
  bool sandbox = false;
  int64_t matching = 0;
  int64_t without_reading = 0;  // Among the matching: no velocity.
  // rank, repository_id, repository, stars, forks, gain, velocity, acceleration,
  // acceleration_margin, coverage, license, language, observed_at.
  storage::SqlRows rows{};
};

// kNotFound before the first closed day, or for a licence or language that nothing has.
Result<Ranking> Rank(warehouse::PublishedLease& lease, const RankingQuery& query);

// How the ranking came about: SQL over the published tables with its values in it, which
// `stargaze sql` runs, and the same as a request to the API.
std::string ExplainRanking(const RankingQuery& query, const Ranking& ranking);
// The same view on the dashboard and of the API: "?m=stars&w=7d". It has no order by gain or total.
std::string PageQuery(const RankingQuery& query);

// What a row of the day's relation must fulfil, and the parameters of that.
std::string_view RankingCondition();
std::vector<storage::SqlValue> RankingParameters(const RankingQuery& query);

// The flags of every command that ranks; they outlive the parser.
struct RankingFlags {
  RankingQuery query{};
  std::string window = "7d";
  std::string licenses{};
  std::string asof{};

  Result<RankingQuery> Read() const;
};
void AddRankingFlags(CLI::App& command, RankingFlags& flags);

// The publications of the data folder `home`. Immutable files behind a pointer: no lock is needed.
Result<std::unique_ptr<warehouse::PublishedReader>> OpenPublished(const std::string& home);
// kNotFound with what to do about it before the first publication.
Result<warehouse::PublishedLease> AcquirePublished(warehouse::PublishedReader& published,
                                                   const std::stop_token& stop);

}  // namespace stargaze::app
