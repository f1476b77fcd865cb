#include "model/pipeline.h"

#include <utility>

namespace stargaze::model {

Result<std::vector<std::size_t>> TaskOrder(const Pipeline& pipeline) {
  Dag dag{.dag_id = pipeline.dag_id};
  for (const PipelineTask& task : pipeline.tasks)
    dag.tasks.push_back({.id = task.id, .after = task.after});
  return TaskOrder(dag);
}

Pipeline FromDag(const Dag& dag) {
  Pipeline pipeline{.dag_id = dag.dag_id,
                    .summary = dag.summary,
                    .schedule = dag.schedule.kind == ScheduleKind::kCron ? dag.schedule.text : "",
                    .file = dag.file};
  for (const DagTask& task : dag.tasks) {
    pipeline.tasks.push_back({.id = task.id,
                              .uses = task.uses,
                              .with = task.with,
                              .after = task.after,
                              .retries = task.retries});
  }
  return pipeline;
}

}  // namespace stargaze::model
