// The one source of time of a process. Everything that reads the time or waits takes a Clock.

#pragma once

#include <stop_token>

#include "base/instant.h"
#include "base/result.h"

namespace stargaze {

// Implementations are safe for concurrent use.
class Clock {
 public:
  virtual ~Clock() = default;

  virtual Instant Now() const = 0;

  // Returns once `instant` has come. kCancelled when `stop` was requested first.
  virtual Status SleepUntil(Instant instant, const std::stop_token& stop) = 0;
};

class SystemClock final : public Clock {
 public:
  Instant Now() const override;
  Status SleepUntil(Instant instant, const std::stop_token& stop) override;
};

}  // namespace stargaze
