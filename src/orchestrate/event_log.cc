#include "orchestrate/event_log.h"

#include <algorithm>
#include <utility>

namespace stargaze::orchestrate {

void EventLog::Publish(const std::vector<Event>& events) {
  if (events.empty()) return;
  std::vector<std::stop_source> waiters;
  {
    const std::lock_guard lock(mutex_);
    events_.insert(events_.end(), events.begin(), events.end());
    while (events_.size() > most_) events_.pop_front();
    waiters = std::exchange(waiters_, {});
  }
  for (std::stop_source& waiter : waiters) waiter.request_stop();
}

std::vector<Event> EventLog::After(int64_t id, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  auto from =
      std::upper_bound(events_.begin(), events_.end(), id, [](int64_t value, const Event& event) {
        return value < event.id;
      });
  const auto count =
      std::min<std::ptrdiff_t>(events_.end() - from, static_cast<std::ptrdiff_t>(limit));
  return {from, from + count};
}

std::vector<Event> EventLog::WaitAfter(int64_t id,
                                       std::size_t limit,
                                       Instant deadline,
                                       const std::stop_token& stop) const {
  while (true) {
    // Noted before looking, so that an event in between ends the wait.
    std::stop_source woken;
    {
      const std::lock_guard lock(mutex_);
      std::erase_if(waiters_, [](const auto& waiter) { return waiter.stop_requested(); });
      waiters_.push_back(woken);
    }
    std::vector<Event> events = After(id, limit);
    if (events.empty() && !stop.stop_requested() && clock_.Now() < deadline) {
      const std::stop_callback forward(stop, [&] { woken.request_stop(); });
      (void)clock_.SleepUntil(deadline, woken.get_token());
      events = After(id, limit);
    }
    woken.request_stop();  // No longer waits.
    if (!events.empty() || stop.stop_requested() || clock_.Now() >= deadline) return events;
  }
}

}  // namespace stargaze::orchestrate
