// Callbacks at work: each has a deadline, and what goes wrong in one is told, to nobody's harm.

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "base/clock.h"
#include "orchestrate/scheduler_ports.h"

namespace stargaze::orchestrate {

struct CallbackCall {
  std::string name{};
  Callback callback{};
  CallbackContext context{};
};

struct CallbackFailure {
  std::string name{};
  CallbackContext context{};
  std::string detail{};
};

// Shared by the engine and the callbacks at work, which may outlive it.
class CallbackWatch {
 public:
  CallbackWatch(const Clock& clock, std::chrono::seconds limit) : clock_(clock), limit_(limit) {}

  // What a thread of the executor runs. `clock` must outlive it.
  static std::function<void()> Guard(std::shared_ptr<CallbackWatch> watch,
                                     std::string name,
                                     Callback callback,
                                     CallbackContext context);
  // Asks what has passed its deadline to stop; gives what has failed since the last call.
  std::vector<CallbackFailure> TakeFailures();

 private:
  struct Working {
    CallbackFailure late{};
    Instant deadline{};
    std::stop_source stop{};
  };
  uint64_t Begin(const std::string& name, CallbackContext& context);
  void End(uint64_t id, CallbackFailure failure, const Status& done);

  const Clock& clock_;
  const std::chrono::seconds limit_;
  std::mutex mutex_;  // Of what follows.
  uint64_t last_id_ = 0;
  std::map<uint64_t, Working> working_;
  std::vector<CallbackFailure> failures_;
};

}  // namespace stargaze::orchestrate
