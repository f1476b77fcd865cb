// Runs one pipeline once: its tasks in order, one at a time, each with its tries.

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "model/pipeline.h"
#include "model/run.h"
#include "orchestrate/task.h"

namespace stargaze::orchestrate {

enum class TaskState {
  kSuccess,
  kPartial,  // Published, with failed subjects.
  kSkipped,  // Had nothing to do; what comes after it runs.
  kFailed,
  kUpstreamFailed,  // Not run, because of a task before it.
  kCancelled,       // Stopped, or not begun before the stop; runs again when the run is continued.
};

enum class RunState { kSuccess, kPartial, kFailed, kCancelled };

std::string_view NameOf(TaskState state);  // "upstream_failed"
std::string_view NameOf(RunState state);

struct TaskReport {
  std::string task_id{};
  TaskState state = TaskState::kSuccess;
  bool done_before = false;  // Not run now: an earlier process had finished it.
  int tries = 0;
  std::string detail{};          // One line for people, from the task.
  std::optional<Error> error{};  // kFailed, kCancelled: of the last try.
  Instant started_at{};          // Equal to ended_at when it was not run.
  Instant ended_at{};
};

// failed: any task failed, also before others; partial: any was partial; success otherwise.
struct RunReport {
  RunState state = RunState::kSuccess;
  Instant started_at{};
  Instant ended_at{};
  std::vector<TaskReport> tasks{};  // In the order in which they ran.
};

struct RunOptions {
  std::chrono::seconds task_limit =
      std::chrono::hours(6);  // For a task with all its tries and waits.
  std::chrono::seconds retry_delay =
      std::chrono::seconds(60);  // Doubled per try, unless the task says when.
  int max_reschedules = 100;     // A rescheduled task uses up no try.
  std::stop_token stop{};
  // How a task ended in an earlier process of the same run (kSuccess, kPartial or kSkip); nullopt:
  // it did not. May be empty.
  std::function<std::optional<OutcomeState>(const std::string& task_id)> already_done{};
  // Told of every try before it begins, of progress lines, and of every task that ended. May be
  // empty.
  std::function<void(const TaskContext& context)> try_begins{};
  std::function<void(const std::string& task_id, std::string_view line)> progress{};
  std::function<void(const TaskReport& report)> task_ended{};
};

using TaskBodies = std::map<std::string, TaskBody>;  // By task id.

// kInvalidInput when the tasks cannot be ordered or one has no body. A task's failure is no error
// here: the report says it. Waits by `clock`; never longer than task_limit per task.
Result<RunReport> RunPipeline(const model::Pipeline& pipeline,
                              const model::Run& run,
                              const TaskBodies& bodies,
                              Clock& clock,
                              Random& random,
                              const RunOptions& options = {});

}  // namespace stargaze::orchestrate
