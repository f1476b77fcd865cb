// Time that a driver sets: demo, tests and simulations run months in seconds.

#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <set>
#include <thread>

#include "base/clock.h"

namespace stargaze {

// Stands still while any registered actor works. Once every actor sleeps, it jumps to the earliest
// instant that one of them waits for. A thread that sleeps without being registered only waits.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Instant start) : now_(start) {}

  Instant Now() const override;
  Status SleepUntil(Instant instant, const std::stop_token& stop) override;

  // Moves forward to `instant`; an earlier one is a no-op, since time never goes back.
  void AdvanceTo(Instant instant);

  // The calling thread counts as one that can act, for the life of this object.
  class Actor {
   public:
    explicit Actor(VirtualClock& clock);
    ~Actor();
    Actor(const Actor&) = delete;
    Actor& operator=(const Actor&) = delete;

   private:
    VirtualClock& clock_;
  };

  // Time stands still while there is one: for work on its way from one thread to another, when
  // neither seems to work. May be let go by another thread than the one that took it.
  class Hold {
   public:
    explicit Hold(VirtualClock& clock);
    ~Hold();
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

   private:
    VirtualClock& clock_;
  };

 private:
  // Each sleeper is woken by itself: of many that sleep, few have their instant come at a time.
  using Sleepers = std::multimap<Instant, std::condition_variable_any*>;

  // The mutex is held.
  void JumpIfAllWait();
  void MoveTo(Instant instant);

  mutable std::mutex mutex_;
  Instant now_;
  Sleepers sleepers_;
  std::multiset<std::thread::id> actors_;
  std::multiset<Instant> actor_waits_;
  std::size_t holds_ = 0;
};

}  // namespace stargaze
