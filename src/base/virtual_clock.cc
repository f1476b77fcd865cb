#include "base/virtual_clock.h"

#include <algorithm>

namespace stargaze {

Instant VirtualClock::Now() const {
  const std::lock_guard lock(mutex_);
  return now_;
}

Status VirtualClock::SleepUntil(Instant instant, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const bool is_actor = actors_.contains(std::this_thread::get_id());
  // A woken waiter stays in the set until it has the mutex again, so no one jumps past its instant.
  const auto wait = is_actor ? actor_waits_.insert(instant) : actor_waits_.end();
  std::condition_variable_any woken;
  const auto place = sleepers_.emplace(instant, &woken);
  JumpIfAllWait();
  const bool reached = woken.wait(lock, stop, [&] { return now_ >= instant; });
  sleepers_.erase(place);
  if (is_actor) actor_waits_.erase(wait);
  if (!reached) return Error(ErrorKind::kCancelled, "stopped while waiting");
  return Ok();
}

void VirtualClock::AdvanceTo(Instant instant) {
  const std::lock_guard lock(mutex_);
  MoveTo(instant);
}

void VirtualClock::MoveTo(Instant instant) {
  now_ = std::max(now_, instant);
  const auto later = sleepers_.upper_bound(now_);
  for (auto sleeper = sleepers_.begin(); sleeper != later; ++sleeper) sleeper->second->notify_one();
}

void VirtualClock::JumpIfAllWait() {
  if (holds_ > 0 || actor_waits_.empty() || actor_waits_.size() < actors_.size()) return;
  MoveTo(*actor_waits_.begin());
}

VirtualClock::Actor::Actor(VirtualClock& clock) : clock_(clock) {
  const std::lock_guard lock(clock_.mutex_);
  clock_.actors_.insert(std::this_thread::get_id());
}

VirtualClock::Actor::~Actor() {
  const std::lock_guard lock(clock_.mutex_);
  clock_.actors_.erase(clock_.actors_.find(std::this_thread::get_id()));
  clock_.JumpIfAllWait();
}

VirtualClock::Hold::Hold(VirtualClock& clock) : clock_(clock) {
  const std::lock_guard lock(clock_.mutex_);
  ++clock_.holds_;
}

VirtualClock::Hold::~Hold() {
  const std::lock_guard lock(clock_.mutex_);
  --clock_.holds_;
  clock_.JumpIfAllWait();
}

}  // namespace stargaze
