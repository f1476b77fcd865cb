#include "model/run.h"

#include <fmt/core.h>

#include <utility>

namespace stargaze::model {

std::string ScheduledRunId(Instant logical_date) {
  return "scheduled__" + FormatCompact(logical_date);
}
std::string ManualRunId(Instant logical_date) {
  return "manual__" + FormatCompact(logical_date);
}

std::string TaskInstance::Name() const {
  return fmt::format("{}.{}.{}.{}", run.dag_id, run.run_id, task_id, map_index);
}

std::string Attempt::Name() const {
  return fmt::format("{}.{}-{}", instance.Name(), try_number, hex);
}

Attempt NewAttempt(TaskInstance instance, int try_number, Random& random) {
  return {.instance = std::move(instance), .try_number = try_number, .hex = random.Hex(8)};
}

}  // namespace stargaze::model
