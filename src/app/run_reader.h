// The state of runs for commands that only read it: the server's, or the store's beside whoever
// writes it. Takes no lock, makes no file, takes no try of another process for lost.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "app/instance.h"
#include "app/session.h"
#include "orchestrate/run_queries.h"
#include "orchestrate/scheduler.h"

namespace stargaze::app {

class RunReader {
 public:
  static Result<RunReader> Open(Session& session);

  std::vector<model::Dag> Dags() const;
  std::vector<config::FileProblem> Problems() const;
  // Of DAGs that are declared or were.
  Result<std::vector<orchestrate::DagView>> DagViews() const;
  Result<std::vector<orchestrate::PoolView>> Pools() const;
  Result<std::vector<orchestrate::TaskView>> Tasks(const model::Run& run) const;
  orchestrate::RunQueries& queries() const;
  const std::string& log_folder() const { return log_folder_; }

 private:
  Scheduling* scheduling_ = nullptr;  // The server's; null: the store is read.
  std::unique_ptr<orchestrate::RunQueries> stored_{};
  Declarations declared_{};
  std::string log_folder_{};
};

}  // namespace stargaze::app
