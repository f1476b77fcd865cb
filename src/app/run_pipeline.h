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
  bool scheduled = false;  // A manual run closes its day: nobody waits for a schedule then.
  std::stop_token stop{};
  std::function<void(std::string_view task, std::string_view line)> progress{};
};

// Tasks that an earlier, killed process has finished are not done again: the lake's manifests say which.
Result<orchestrate::RunReport> RunPipeline(Instance& instance, const model::Pipeline& pipeline, const PipelineRun& run);

// True when the run's end is in the lake.
Result<bool> HasEnded(Instance& instance, const model::Run& run);

}  // namespace stargaze::app
