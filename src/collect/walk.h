// One request of a declaration, walked to its end: bands of a search, pages of a band.

#pragma once

#include <optional>
#include <string>
#include <utility>

#include "collect/fetch.h"
#include "collect/raw_writer.h"

namespace stargaze::collect {

// Part of a search's results: a range of one column's values, and of times of creation where a
// single value still has too many. Both ends belong to it.
struct Band {
  int64_t from = 0;
  std::optional<int64_t> to{};  // Absent: no upper end.
  std::optional<std::pair<Instant, Instant>> created{};
};

// The two halves of a band that has too many results. `largest` is the largest value that was seen
// in it. nullopt when a single value within a single second cannot be halved any more.
std::optional<std::pair<Band, Band>> Halve(const Band& band,
                                           int64_t largest,
                                           bool by_creation,
                                           Instant now);

struct WalkReport {
  int64_t records = 0;
  int64_t pages = 0;
  Instant observed_at{};
};

// Not safe for concurrent use.
class Walk {
 public:
  Walk(const CollectJob& job,
       const CollectDeps& deps,
       const model::Request& request,
       RawWriter& writer,
       Fetcher& fetcher)
      : job_(job), deps_(deps), request_(request), writer_(writer), fetcher_(fetcher) {}

  // An error leaves the writer with what was written so far; the caller abandons it.
  Result<WalkReport> Run();

 private:
  Status WalkBands();
  Result<std::optional<std::pair<Band, Band>>> WalkBand(const Band& band);
  Status WalkPages(PageAsk ask, Page page);  // The first, already fetched.
  Status Keep(const Page& page, int number);
  Result<std::string> UrlOf(const Band* band) const;
  void ShowProgress();

  const CollectJob& job_;
  const CollectDeps& deps_;
  const model::Request& request_;
  RawWriter& writer_;
  Fetcher& fetcher_;
  RetryBudget budget_{5};  // A walk of many pages meets a passing error now and then; a broken
                           // source meets it at once.
  WalkReport report_;
};

}  // namespace stargaze::collect
