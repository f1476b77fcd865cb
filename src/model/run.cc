#include "model/run.h"

#include <fmt/core.h>

#include <string_view>
#include <utility>

namespace stargaze::model {
namespace {

constexpr std::string_view kBackfillPrefix = "backfill__";

}  // namespace

std::string ScheduledRunId(Instant logical_date) {
  return "scheduled__" + FormatCompact(logical_date);
}
std::string ManualRunId(Instant logical_date) {
  return "manual__" + FormatCompact(logical_date);
}

std::string BackfillRunId(Instant logical_date) {
  return std::string(kBackfillPrefix) + FormatCompact(logical_date);
}
bool IsBackfill(const Run& run) {
  return run.run_id.starts_with(kBackfillPrefix);
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
