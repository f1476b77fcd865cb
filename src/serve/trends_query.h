// The Trends page's questions, as SQL over one publication.

#pragma once

#include <functional>

#include "base/result.h"
#include "serve/statement.h"
#include "serve/trends_state.h"
#include "warehouse/published_reader.h"

namespace stargaze::serve {

// A filter whose values a facet counts: all filters hold but the facet's own.
enum class Facet { kNone, kLicense, kLanguage, kTopic };

// Windows behind the page's day that the language shares and the rank flow go back over.
inline constexpr int kFlowSteps = 12;

// Asks for one state of the page. Lives as long as a request; the lease outlives it.
class TrendsQuery {
 public:
  TrendsQuery(warehouse::PublishedLease& lease,
              warehouse::TrendSource trend,
              const TrendsState& state)
      : lease_(lease), trend_(std::move(trend)), state_(state) {}

  const warehouse::TrendSource& trend() const { return trend_; }
  Day day() const { return trend_.day; }

  // A `limit` of 0 gives all rows of the query: exports.
  Statement Top(int64_t limit) const;
  Statement Repositories(int64_t limit) const;
  Statement Risers(int64_t limit) const;
  // Created within 30 days before the page's day.
  Statement NewRepositories(int64_t limit) const;
  Statement Licenses() const;
  Statement Languages() const;
  Statement Topics() const;
  // One row: matching, without_velocity among them.
  Statement Counts() const;
  // Size against growth: those that gained most, and others by a hash of their id.
  Statement Scatter(int64_t fastest, int64_t others) const;
  // step 0 is the newest window: language, gain.
  Statement LanguageFlow() const;
  // Ranks by gain among all repositories, window by window, of the ten that gained most in the
  // newest one and match.
  Statement RankFlow() const;
  Result<storage::SqlRows> Ask(const Statement& statement);
  // The same, remembered with the publication: for what states that differ only in order or page
  // have in common.
  Result<storage::SqlRows> AskOnce(const Statement& statement);

  // Makes the relation that both flows read, if it is not there; call under a lock of the caller's.
  Status PrepareFlow();

  // repository_id, day, value of the 28 days that end on the page's day.
  Result<storage::SqlRows> Readings(const std::vector<int64_t>& repository_ids);
  // One row about the day, independent of filters: ranked, no_reading, new_today, tracked,
  // followed_set_changed, observed_from, observed_to, first_day, days, provenance, request.
  Result<storage::SqlRows> DayFacts();

  // The same statement over the published tables, values as literals: to be read and run elsewhere.
  std::string Shown(const Statement& statement) const;

 private:
  std::string DayLiteral() const;
  std::string Matching(Statement& statement, Facet except = Facet::kNone) const;
  Statement FacetCounts(const std::string& columns, Facet facet, const std::string& source) const;
  std::string FlowName() const;
  std::string FlowSql() const;

  warehouse::PublishedLease& lease_;
  warehouse::TrendSource trend_;
  const TrendsState& state_;
};

}  // namespace stargaze::serve
