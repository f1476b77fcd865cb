// The states of task instances and of DAG runs, with Airflow's names and meaning.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace stargaze::orchestrate {

// The values are stored: never renumber.
enum class InstanceState : uint8_t {
  kNone = 0,       // Its trigger rule has not decided yet.
  kScheduled = 1,  // May run; waits for slots.
  kQueued = 2,     // Chosen and holding its slots; its start is not yet on disk.
  kRunning = 3,    // Its start is on disk and its body has been handed to the executor.
  kSuccess = 4,    // Also when only partly published: see InstanceView::partial.
  kFailed = 5,
  kUpForRetry = 6,       // Failed, will be tried again at its instant.
  kUpForReschedule = 7,  // Gave its slots back, goes on at its instant; the same try.
  kUpstreamFailed = 8,
  kSkipped = 9,
  kRemoved = 10,  // Its task is no longer declared.
};
inline constexpr std::size_t kInstanceStates = 11;

enum class DagRunState : uint8_t { kQueued = 0, kRunning = 1, kSuccess = 2, kFailed = 3 };

// Why a run exists; the first word of its run_id.
enum class RunType : uint8_t { kScheduled = 0, kManual = 1, kBackfill = 2, kManifest = 3 };

constexpr bool IsFinished(InstanceState state) {
  return state == InstanceState::kSuccess || state == InstanceState::kFailed ||
         state == InstanceState::kUpstreamFailed || state == InstanceState::kSkipped ||
         state == InstanceState::kRemoved;
}
constexpr bool IsFinished(DagRunState state) {
  return state == DagRunState::kSuccess || state == DagRunState::kFailed;
}
// Holds slots of its pool.
constexpr bool HoldsSlots(InstanceState state) {
  return state == InstanceState::kQueued || state == InstanceState::kRunning;
}

std::string_view NameOf(InstanceState state);  // "up_for_retry"
std::string_view NameOf(DagRunState state);    // "running"
std::string_view NameOf(RunType type);         // "scheduled"
std::optional<InstanceState> ParseInstanceState(std::string_view name);
std::optional<DagRunState> ParseDagRunState(std::string_view name);

// How many instances are in each state.
using StateCounts = std::array<int64_t, kInstanceStates>;
inline int64_t& CountOf(StateCounts& counts, InstanceState state) {
  return counts[static_cast<std::size_t>(state)];
}
inline int64_t CountOf(const StateCounts& counts, InstanceState state) {
  return counts[static_cast<std::size_t>(state)];
}

}  // namespace stargaze::orchestrate
