// What a pipeline's tasks do: the bodies behind `uses: collect | refine | load | follow`.

#pragma once

#include <string>
#include <vector>

#include "app/instance.h"
#include "model/pipeline.h"
#include "orchestrate/task.h"

namespace stargaze::app {

// The words that a pipeline may write behind `uses`.
std::vector<std::string> TaskKinds();

// The body of one task. `instance` must outlive it.
Result<orchestrate::TaskBody> MakeTask(Instance& instance, const model::PipelineTask& task);

// True when a complete raw manifest of this task instance is in the lake.
Result<bool> IsCollected(Instance& instance, const model::TaskInstance& task_instance, const model::Dataset& dataset);

}  // namespace stargaze::app
