// What a DAG may have called when its runs and tasks succeed, fail or are tried again.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "orchestrate/scheduler_ports.h"

namespace stargaze::app {

// The names that a DAG may write under on_success, on_failure and on_retry.
std::vector<std::string> CallbackKinds();

struct CallbackOptions {
  std::string log_path{};                      // Of `log`: a line a call; its folder is made.
  int64_t most_log_bytes = int64_t{10} << 20;  // Then the file becomes <log_path>.1.
  // Told what went wrong in one; may be empty.
  std::function<void(std::string_view)> warn{};
};

// None of them waits: a run is harmed by none. `clock` must outlive them.
std::map<std::string, orchestrate::Callback> MakeCallbacks(const CallbackOptions& options,
                                                           Clock& clock);

}  // namespace stargaze::app
