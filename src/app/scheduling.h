// The scheduler of a data folder with everything that it is given: bodies, timetables, the files of
// DAGs, threads, the disk.

#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/disk_forecast.h"
#include "app/instance.h"
#include "app/run_journal.h"
#include "config/dag_files.h"
#include "orchestrate/executor.h"
#include "orchestrate/scheduler.h"

namespace stargaze::app {

struct SchedulingOptions {
  // Runs are made when they are due, and files of DAGs are read again as they change: the server.
  // Otherwise only what is triggered runs.
  bool follows_schedules = false;
  std::optional<std::vector<model::Dag>> dags{};      // Instead of those that the files declare.
  std::unique_ptr<orchestrate::Executor> executor{};  // Absent: threads.
  bool watches_disk = true;  // Holds new runs back before the disk is full.
  // A task whose process ends so often while it runs may well be why.
  int free_lost_tries = 3;
  std::chrono::seconds heartbeat{5};
  // A task that finds the disk full is no failure: it waits so long and goes on.
  std::chrono::seconds disk_full_wait{60};
  // All may be empty. Called on threads of tasks, on the scheduler's thread.
  std::function<void(const Error&)> on_disk_full{};
  std::function<void(const std::string& task_id, std::string_view line)> on_line{};
  std::function<void(const orchestrate::Event&)> observe{};
};

class Scheduling {
 public:
  // `instance` must outlive it; knows of it from now on. The scheduler is not started.
  static Result<std::unique_ptr<Scheduling>> Open(Instance& instance, SchedulingOptions options);
  ~Scheduling();
  Scheduling(const Scheduling&) = delete;
  Scheduling& operator=(const Scheduling&) = delete;

  orchestrate::Scheduler& scheduler() { return *scheduler_; }
  const SchedulingOptions& options() const { return options_; }

  // Takes up files of DAGs that have changed. One thread calls it.
  config::DagChanges Refresh();
  // What is wrong with files of DAGs, and with DAGs that the scheduler refused. Safe for concurrent
  // use.
  std::vector<config::FileProblem> Problems() const;
  // All DAGs that are in force. Safe for concurrent use.
  std::vector<model::Dag> Dags() const;
  // What a task runs, with what the scheduler does around it.
  Result<orchestrate::TaskBody> BodyOf(const model::Dag& dag, const model::DagTask& task);

 private:
  Scheduling(Instance& instance, SchedulingOptions options);
  Status Begin();
  void Declare(std::vector<model::Dag> dags, std::vector<config::FileProblem> problems);
  orchestrate::SchedulerPorts Ports();
  Result<orchestrate::Outcome> HandleFullDisk(Result<orchestrate::Outcome> result);
  Result<RunSoFar> FactsOf(const model::Run& run, const std::string& asking_task);

  Instance& instance_;
  SchedulingOptions options_;
  std::unique_ptr<orchestrate::Executor> executor_;
  std::optional<config::DagFiles> files_;
  DiskForecast disk_;
  mutable std::mutex mutex_;  // Of what follows.
  std::vector<model::Dag> dags_;
  std::vector<config::FileProblem> problems_;
  std::unique_ptr<orchestrate::Scheduler> scheduler_;  // Last: stops before the rest goes.
};

// The timetable's answers as the scheduler wants them.
orchestrate::TimetableAnswer DueRuns(const model::Dag& dag,
                                     std::optional<Instant> last,
                                     Instant first_seen,
                                     Instant now);
std::vector<orchestrate::DueRun> RunsBetween(const model::Dag& dag,
                                             Instant from,
                                             Instant to,
                                             std::size_t limit);

std::vector<orchestrate::PoolSetting> PoolSettings(const std::vector<model::Pool>& pools);

// "partial" for a success with failed subjects, otherwise the state's name.
std::string StateText(const orchestrate::InstanceView& view);

}  // namespace stargaze::app
