// What the sources' answers have said of their limits, kept for the next process: a restart inside
// a window neither asks for more than is left nor forgets that it was told to wait.

#pragma once

#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "collect/governor.h"

namespace stargaze::app {

// A file of a data folder; it holds no secret. Losing it costs a refused request at most, so that
// no trouble with it stops anybody: `warn` is told, once. Safe for concurrent use.
class LimitMemory {
 public:
  using Warn = std::function<void(std::string_view)>;  // May be empty.

  // The governor goes on where the file ends, and is listened to from now on.
  LimitMemory(std::string path, collect::Governor& governor, Clock& clock, Warn warn);
  // Writes what has not been written. The governor must still be there.
  ~LimitMemory();
  LimitMemory(const LimitMemory&) = delete;
  LimitMemory& operator=(const LimitMemory&) = delete;

 private:
  void OnSettled(bool refused);
  void SaveLocked();
  void WarnOnce(const Error& error);

  const std::string path_;
  collect::Governor& governor_;
  Clock& clock_;
  const Warn warn_;
  std::mutex mutex_;
  std::optional<Instant> saved_at_{};
  bool unsaved_ = false;
  bool warned_ = false;
};

}  // namespace stargaze::app
