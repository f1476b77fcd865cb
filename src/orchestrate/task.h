// What a runner may know of a task: that it runs, and how it ended. It knows no stage.

#pragma once

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "model/run.h"

namespace stargaze::orchestrate {

enum class OutcomeState { kSuccess, kPartial, kRetry, kReschedule, kSkip, kFail };

// contracts.md section 7 of the design, see docs/contracts.md "Tasks".
struct Outcome {
  OutcomeState state = OutcomeState::kSuccess;
  std::string detail{};  // One line for people: "1,012 repositories in 23 responses".
  Instant at{};          // kRetry, kReschedule: not before.

  static Outcome Success(std::string detail) {
    return {.state = OutcomeState::kSuccess, .detail = std::move(detail)};
  }
  static Outcome Partial(std::string detail) {
    return {.state = OutcomeState::kPartial, .detail = std::move(detail)};
  }
  static Outcome Skip(std::string detail) {
    return {.state = OutcomeState::kSkip, .detail = std::move(detail)};
  }
};

struct TaskContext {
  model::Attempt attempt{};
  Instant data_start{};  // The data interval of the run.
  Instant data_end{};
  std::string conf{};     // As given when the run was triggered; empty: nothing.
  int instances = 1;      // Of a mapped task in this run: map_index counts from 0 up to it.
  bool last_try = false;  // No further try follows: publish what there is.
  Instant deadline{};
  std::stop_token stop{};
  std::function<void(std::string_view line)> progress{};  // May be empty.
};

// An error means: this try failed; the runner tries again while tries remain and the error is
// retryable, otherwise the task has failed.
using TaskBody = std::function<Result<Outcome>(const TaskContext&)>;

}  // namespace stargaze::orchestrate
