#include "orchestrate/run_state.h"

#include "orchestrate/run_views.h"

namespace stargaze::orchestrate {
namespace {

constexpr std::array<std::string_view, kInstanceStates> kInstances{"none",
                                                                   "scheduled",
                                                                   "queued",
                                                                   "running",
                                                                   "success",
                                                                   "failed",
                                                                   "up_for_retry",
                                                                   "up_for_reschedule",
                                                                   "upstream_failed",
                                                                   "skipped",
                                                                   "removed"};
constexpr std::array<std::string_view, 4> kRuns{"queued", "running", "success", "failed"};
constexpr std::array<std::string_view, 4> kTypes{"scheduled", "manual", "backfill", "manifest"};
constexpr std::array<std::string_view, 6> kEvents{
    "run", "instance", "task", "action", "scheduler", "callback"};
constexpr std::array<std::string_view, 4> kBackfills{"running", "paused", "done", "cancelled"};

template <typename State, std::size_t kSize>
std::optional<State> Parse(const std::array<std::string_view, kSize>& names,
                           std::string_view name) {
  for (std::size_t i = 0; i < kSize; ++i)
    if (names[i] == name) return static_cast<State>(i);
  return std::nullopt;
}

}  // namespace

std::string_view NameOf(InstanceState state) {
  return kInstances[static_cast<std::size_t>(state)];
}
std::string_view NameOf(DagRunState state) {
  return kRuns[static_cast<std::size_t>(state)];
}
std::string_view NameOf(RunType type) {
  return kTypes[static_cast<std::size_t>(type)];
}
std::string_view NameOf(EventKind kind) {
  return kEvents[static_cast<std::size_t>(kind)];
}
std::string_view NameOf(BackfillState state) {
  return kBackfills[static_cast<std::size_t>(state)];
}

std::optional<InstanceState> ParseInstanceState(std::string_view name) {
  return Parse<InstanceState>(kInstances, name);
}
std::optional<DagRunState> ParseDagRunState(std::string_view name) {
  return Parse<DagRunState>(kRuns, name);
}

}  // namespace stargaze::orchestrate
