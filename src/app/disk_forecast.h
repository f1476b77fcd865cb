// When the disk will be full, from how fast it has filled so far.

#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/instant.h"

namespace stargaze::app {

// One thread.
class DiskForecast {
 public:
  explicit DiskForecast(std::string folder) : folder_(std::move(folder)) {}

  // Days until no room is left; 0 when there is hardly any; nullopt while it does not fill, or not
  // for long enough to say.
  std::optional<double> DaysLeft(Instant now);

  // The same from a number, for tests.
  std::optional<double> DaysLeft(Instant now, int64_t free_bytes);

 private:
  struct Sample {
    Instant at{};
    int64_t free_bytes = 0;
  };

  const std::string folder_;
  std::deque<Sample> samples_;  // Of the last day, the oldest first.
};

}  // namespace stargaze::app
