#include "app/time_limit.h"

#include <utility>

#include "base/clock.h"

namespace stargaze::app {

TimeLimit::TimeLimit(std::stop_token asked)
    : relay_(std::move(asked), [this] { stop_.request_stop(); }) {}

void TimeLimit::Begin(std::chrono::seconds limit) {
  timer_ = std::jthread([this, limit](const std::stop_token& done) {
    SystemClock clock;
    if (!clock.SleepUntil(clock.Now() + limit, done).ok()) return;
    passed_.store(true);
    stop_.request_stop();
  });
}

}  // namespace stargaze::app
