// One page of a search over a snapshot.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sandbox/search_query.h"

namespace stargaze::sandbox {

// GitHub gives no more than this many results of one query, however it is paged.
inline constexpr int64_t kSearchResultsMax = 1'000;

enum class SearchSort : unsigned char { kStars, kForks, kUpdated };

struct SearchOrder {
  SearchSort sort = SearchSort::kStars;
  bool ascending = false;
};

struct SearchPage {
  int64_t total = 0;                              // All that match, also beyond the cap.
  std::vector<const Repository*> repositories{};  // Point into the snapshot.
};

// Results from `offset` on, `count` at most, none beyond the cap. Equal values stand by id,
// ascending.
SearchPage Search(const Snapshot& snapshot,
                  const SearchQuery& query,
                  SearchOrder order,
                  int64_t offset,
                  int64_t count);

}  // namespace stargaze::sandbox
