// The Trends page's questions, as SQL over one publication.

#pragma once

#include "base/result.h"
#include "serve/trends_state.h"
#include "warehouse/published_reader.h"

namespace stargaze::serve {

// Asks for one state of the page. Lives as long as a request; the lease outlives it.
class TrendsQuery {
 public:
  TrendsQuery(warehouse::PublishedLease& lease,
              warehouse::TrendSource trend,
              const TrendsState& state)
      : lease_(lease), trend_(std::move(trend)), state_(state) {}

  Day day() const { return trend_.day; }

  // A `limit` of 0 gives all rows of the query: exports.
  Result<storage::SqlRows> Top(int64_t limit);
  Result<storage::SqlRows> Repositories(int64_t limit);
  Result<storage::SqlRows> Risers(int64_t limit);
  Result<storage::SqlRows> Licenses();
  // One row: matching (licence and text), without_velocity among them.
  Result<storage::SqlRows> Counts();
  // repository_id, day, value of the 28 days that end on the page's day.
  Result<storage::SqlRows> Readings(const std::vector<int64_t>& repository_ids);
  // One row about the day, independent of filters: ranked, no_reading, new_today, tracked,
  // followed_set_changed, observed_from, observed_to, first_day, days, provenance, request.
  Result<storage::SqlRows> DayFacts();

 private:
  Result<storage::SqlRows> Ask(const std::string& sql);
  std::string Matching() const;
  std::string MatchingText() const;

  warehouse::PublishedLease& lease_;
  warehouse::TrendSource trend_;
  const TrendsState& state_;
};

}  // namespace stargaze::serve
