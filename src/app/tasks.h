// What a DAG's tasks do: the bodies behind `uses`.

#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/instance.h"
#include "app/run_journal.h"
#include "model/dag.h"
#include "model/dataset.h"
#include "orchestrate/task.h"

namespace stargaze::app {

// The words that a DAG may write behind `uses`.
std::vector<std::string> TaskKinds();

// What a task of the dataset is mapped over: "followed", one instance a batch; or nothing.
std::string MappedOver(const model::DagTask& task, const model::Dataset& dataset);

// How many instances a mapped task has in this run; fixed by the first answer.
Result<int> CountInstances(Instance& instance, const model::DagTask& task, const model::Run& run);

// How the other tasks of a run have ended so far, for the one that journals it.
using RunFacts =
    std::function<Result<RunSoFar>(const model::Run& run, const std::string& asking_task)>;

// The body of one task. `instance` must outlive it.
Result<orchestrate::TaskBody> MakeTask(Instance& instance,
                                       const model::Dag& dag,
                                       const model::DagTask& task,
                                       RunFacts facts);

}  // namespace stargaze::app
