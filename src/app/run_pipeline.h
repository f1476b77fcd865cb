// Runs one pipeline to its end and closes the run: journal, marts, publication.

#pragma once

#include <functional>
#include <string>

#include "app/instance.h"
#include "model/run.h"
#include "orchestrate/runner.h"

namespace stargaze::app {

struct PipelineRun {
  model::Run run{};
  bool scheduled = false;  // A run by hand closes its day: nobody waits for a schedule then.
  bool publish = true;     // False: the caller publishes once after several runs.
  std::stop_token stop{};
  std::function<void(const std::string& task_id, std::string_view line)> progress{};
  std::function<void(const orchestrate::TaskReport& report)> task_ended{};
};

// Goes on where an earlier, killed process stopped: the lake's manifests say what is done.
// kCancelled when `stop` was requested before the end; the run can be continued then.
Result<orchestrate::RunReport> RunAndPublish(Instance& instance,
                                             const model::Pipeline& pipeline,
                                             const PipelineRun& run);

// True when the run's end is in the lake.
Result<bool> HasEnded(Instance& instance, const model::Run& run);

}  // namespace stargaze::app
