#include "app/run_reader.h"

#include <algorithm>
#include <utility>

#include "app/scheduling.h"
#include "orchestrate/stored_views.h"

namespace stargaze::app {

Result<RunReader> RunReader::Open(Session& session) {
  RunReader reader;
  SG_TRY(reader.declared_, session.Declared());
  SG_TRY(const std::string home, session.Home());
  if (Instance* server = session.environment().attached; server != nullptr)
    reader.scheduling_ = server->scheduling;
  reader.log_folder_ = DataFolder::TaskLogPathOf(home);
  if (reader.scheduling_ != nullptr) return reader;
  auto stored = orchestrate::RunQueries::Open(DataFolder::RunStatePathOf(home));
  if (!stored.ok() && stored.error().kind() == ErrorKind::kNotFound)
    stored = orchestrate::RunQueries::OpenEmpty();
  SG_TRY(reader.stored_, std::move(stored));
  return reader;
}

std::vector<model::Dag> RunReader::Dags() const {
  return scheduling_ != nullptr ? scheduling_->Dags() : declared_.dags;
}

std::vector<config::FileProblem> RunReader::Problems() const {
  return scheduling_ != nullptr ? scheduling_->Problems() : declared_.problems;
}

Result<std::vector<orchestrate::DagView>> RunReader::DagViews() const {
  if (scheduling_ != nullptr) return scheduling_->scheduler().Dags();
  SG_TRY(std::vector<orchestrate::DagView> views, stored_->Dags());
  for (const model::Dag& dag : declared_.dags) {
    // No scheduler has seen it yet: this is how it will begin.
    if (std::ranges::find(views, dag.dag_id, &orchestrate::DagView::dag_id) == views.end())
      views.push_back({.dag_id = dag.dag_id, .paused = dag.is_paused_upon_creation});
  }
  return views;
}

Result<std::vector<orchestrate::PoolView>> RunReader::Pools() const {
  if (scheduling_ != nullptr) return scheduling_->scheduler().Pools();
  std::vector<orchestrate::PoolSetting> declared = PoolSettings(declared_.pools);
  for (const orchestrate::PoolSetting& pool : orchestrate::SchedulerOptions().pools)
    declared.push_back(pool);
  return orchestrate::StoredPools(*stored_, declared_.dags, declared);
}

Result<std::vector<orchestrate::TaskView>> RunReader::Tasks(const model::Run& run) const {
  if (scheduling_ != nullptr) return scheduling_->scheduler().Tasks(run.dag_id, run.run_id);
  SG_TRY(auto counts, stored_->Counts(run.dag_id, run.run_id));
  return orchestrate::StoredTasks(declared_.FindDag(run.dag_id), std::move(counts));
}

orchestrate::RunQueries& RunReader::queries() const {
  return scheduling_ != nullptr ? scheduling_->scheduler().queries() : *stored_;
}

}  // namespace stargaze::app
