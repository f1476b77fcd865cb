#include "sandbox/search.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace stargaze::sandbox {
namespace {

int64_t ValueOf(const Repository& repository, SearchSort sort) {
  switch (sort) {
    case SearchSort::kStars:
      return repository.stars;
    case SearchSort::kForks:
      return repository.forks;
    case SearchSort::kUpdated:
      return repository.updated_at.time_since_epoch().count();
  }
  return 0;
}

}  // namespace

SearchPage Search(const Snapshot& snapshot,
                  const SearchQuery& query,
                  SearchOrder order,
                  int64_t offset,
                  int64_t count) {
  SG_ASSERT(offset >= 0 && count >= 0);
  SearchPage page;
  auto& found = page.repositories;
  for (const Repository& repository : snapshot.repositories) {
    if (Matches(query, repository)) found.push_back(&repository);
  }
  page.total = static_cast<int64_t>(found.size());
  const int64_t end = std::min({offset + count, kSearchResultsMax, page.total});
  const int64_t begin = std::min(offset, end);
  const auto key = [order](const Repository* repository) {
    const int64_t value = ValueOf(*repository, order.sort);
    return std::pair(order.ascending ? value : -value, repository->profile->id);
  };
  std::ranges::partial_sort(found, found.begin() + end, {}, key);
  found.resize(static_cast<std::size_t>(end));
  found.erase(found.begin(), found.begin() + begin);
  return page;
}

}  // namespace stargaze::sandbox
