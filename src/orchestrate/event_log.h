// The newest events in memory, for those who follow.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <mutex>
#include <stop_token>
#include <vector>

#include "base/clock.h"
#include "orchestrate/run_views.h"

namespace stargaze::orchestrate {

// Safe for concurrent use. Keeps `most` events, the oldest go.
class EventLog {
 public:
  EventLog(std::size_t most, Clock& clock) : most_(most), clock_(clock) {}

  void Publish(const std::vector<Event>& events);
  std::vector<Event> After(int64_t id, std::size_t limit) const;
  // Waits for the first event after `id` until `deadline` or `stop`.
  std::vector<Event> WaitAfter(int64_t id,
                               std::size_t limit,
                               Instant deadline,
                               const std::stop_token& stop) const;

 private:
  const std::size_t most_;
  Clock& clock_;
  mutable std::mutex mutex_;
  mutable std::vector<std::stop_source> waiters_;
  std::deque<Event> events_;
};

}  // namespace stargaze::orchestrate
