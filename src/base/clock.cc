#include "base/clock.h"

#include <condition_variable>
#include <mutex>

namespace stargaze {

Instant SystemClock::Now() const {
  return std::chrono::time_point_cast<std::chrono::microseconds>(std::chrono::system_clock::now());
}

Status SystemClock::SleepUntil(Instant instant, const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any wakeup;
  std::unique_lock lock(mutex);
  wakeup.wait_until(lock, stop, instant, [] { return false; });
  if (stop.stop_requested()) return Error(ErrorKind::kCancelled, "stopped while waiting");
  return Ok();
}

}  // namespace stargaze
