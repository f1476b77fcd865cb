// The query language of GitHub's repository search, as far as the sandbox speaks it.
//
// Words match the full name. Qualifiers: stars, forks, created, pushed, archived, license,
// language, topic, user, org, is:public, fork:true. Several of license, language, user or org are
// alternatives; all others must hold together. A qualifier with texts can be negated
// ("-license:mit").

#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "sandbox/world.h"

namespace stargaze::sandbox {

struct CountRange {  // Both ends included.
  int64_t min = 0;
  int64_t max = std::numeric_limits<int64_t>::max();
};

struct TimeRange {  // Both ends included.
  Instant min = Instant::min();
  Instant max = Instant::max();
};

struct TextFilter {
  std::vector<std::string> any_of{};  // Lower case; empty: no condition.
  std::vector<std::string> none_of{};
};

struct SearchQuery {
  std::vector<std::string> words{};  // Lower case.
  CountRange stars{};
  CountRange forks{};
  TimeRange created{};
  TimeRange pushed{};
  std::optional<bool> archived{};
  TextFilter license{};
  TextFilter language{};
  TextFilter owner{};
  std::vector<std::string> topics{};  // All of them.
  std::vector<std::string> without_topics{};
};

// kInvalidInput with a message for the response's `errors` for anything that the sandbox does not
// understand: a real search would take some of it for words, which hides mistakes.
Result<SearchQuery> ParseSearchQuery(std::string_view text);

// "A..B", "A..*", "*..B", ">=N", ">N", "<=N", "<N", "N".
std::optional<CountRange> ParseCountRange(std::string_view text);
// The same forms with dates (a whole UTC day) or timestamps with Z or an offset (a whole second).
std::optional<TimeRange> ParseTimeRange(std::string_view text);

bool Matches(const SearchQuery& query, const Repository& repository);

}  // namespace stargaze::sandbox
