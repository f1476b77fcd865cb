#include "serve/data_lag.h"

#include <algorithm>

namespace stargaze::serve {

using std::chrono::seconds;

void DataLag::Note(const Newest& newest, Instant published_at) {
  const std::lock_guard lock(mutex_);
  for (const auto& [dataset, answered_at] : newest) {
    const auto lag =
        std::max(seconds(0), std::chrono::duration_cast<seconds>(published_at - answered_at));
    const auto [at, is_new] =
        lags_.try_emplace(dataset, Lag{.answered_at = answered_at, .lag = lag});
    if (is_new || at->second.answered_at == answered_at) continue;
    at->second = {.answered_at = answered_at, .lag = lag};
  }
}

std::optional<seconds> DataLag::Of(const std::string& dataset) const {
  const std::lock_guard lock(mutex_);
  const auto at = lags_.find(dataset);
  if (at == lags_.end()) return std::nullopt;
  return at->second.lag;
}

std::map<std::string, seconds> DataLag::All() const {
  const std::lock_guard lock(mutex_);
  std::map<std::string, seconds> all;
  for (const auto& [dataset, lag] : lags_) all[dataset] = lag.lag;
  return all;
}

}  // namespace stargaze::serve
