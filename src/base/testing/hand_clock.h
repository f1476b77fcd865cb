// A clock that anybody may set, also back. For one thread.

#pragma once

#include <algorithm>

#include "base/clock.h"

namespace stargaze {

class HandClock final : public Clock {
 public:
  explicit HandClock(Instant start = std::chrono::sys_days(std::chrono::year(2026) / 9 / 1))
      : now_(start) {}

  Instant Now() const override { return now_; }
  Status SleepUntil(Instant instant, const std::stop_token&) override {
    now_ = std::max(now_, instant);
    return Ok();
  }
  void Set(Instant now) { now_ = now; }

 private:
  Instant now_;
};

}  // namespace stargaze
