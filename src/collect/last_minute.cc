#include "collect/last_minute.h"

#include <algorithm>
#include <iterator>

namespace stargaze::collect {
namespace {

constexpr std::chrono::milliseconds kShared{100};

bool ShareAnEntry(const Spent& one, const Spent& other) {
  return one.graphql == other.graphql &&
         std::chrono::floor<std::chrono::milliseconds>(one.at).time_since_epoch() / kShared ==
             std::chrono::floor<std::chrono::milliseconds>(other.at).time_since_epoch() / kShared;
}

}  // namespace

void SpentSums::Add(const Spent& spent, int64_t sign) {
  (spent.graphql ? graphql_points : rest_points) += sign * spent.points;
  cpu_ms += sign * spent.cpu_ms;
  if (spent.graphql) graphql_cpu_ms += sign * spent.cpu_ms;
}

void LastMinute::Add(const Spent& spent) {
  sums_.Add(spent);
  // One of each kind may be open.
  const auto newest = std::min<std::ptrdiff_t>(2, std::ssize(entries_));
  const auto open = std::find_if(entries_.end() - newest, entries_.end(), [&](const Spent& entry) {
    return ShareAnEntry(entry, spent);
  });
  if (open == entries_.end()) {
    entries_.push_back(spent);
    return;
  }
  open->at = spent.at;
  open->points += spent.points;
  open->cpu_ms += spent.cpu_ms;
}

void LastMinute::Forget(Instant now) {
  while (!entries_.empty() && entries_.front().at + kSpan <= now) {
    sums_.Add(entries_.front(), -1);
    entries_.pop_front();
  }
}

void LastMinute::MoveBack(std::chrono::microseconds back) {
  for (Spent& entry : entries_) entry.at -= back;
}

}  // namespace stargaze::collect
