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

}  // namespace stargaze::app
