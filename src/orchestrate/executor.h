// Where bodies of tasks run. A port: threads in the product, virtual time in simulations.

#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "model/dag.h"
#include "orchestrate/task.h"

namespace stargaze::orchestrate {

// A handed-over try. `ticket` is unique for the life of the process.
struct WorkItem {
  uint64_t ticket = 0;
  TaskBody body{};
  TaskContext context{};  // `stop` and `progress` are set by the executor.
  model::TaskLoad load = model::TaskLoad::kWaiting;
  std::string log_path{};  // Relative to the log folder; empty: no log.
};

struct WorkDone {
  uint64_t ticket = 0;
  Result<Outcome> result = Error(ErrorKind::kInternal, "the body gave no answer");
  Instant began_at{};
  Instant ended_at{};
};

// The scheduler calls it from one thread.
class Executor {
 public:
  virtual ~Executor() = default;

  // How many items of that load may be in it at once; constant.
  virtual std::size_t Capacity(model::TaskLoad load) const = 0;
  // Never blocks. Items beyond the capacity are a bug of the caller.
  virtual void Submit(std::vector<WorkItem> items) = 0;
  // Asks through the stop token; the item still ends by way of TakeDone.
  virtual void RequestStop(uint64_t ticket) = 0;
  // What has ended since the last call.
  virtual std::vector<WorkDone> TakeDone() = 0;
  // Runs a callback aside; what it does cannot fail the caller. Bounded: false when too many wait.
  virtual bool RunAside(std::function<void()> callback) = 0;
  // Told, from any thread, that TakeDone has something.
  virtual void OnDone(std::function<void()> wake) = 0;
};

}  // namespace stargaze::orchestrate
