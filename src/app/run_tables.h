// Runs, tasks and tries as the tables that commands print.

#pragma once

#include <string>
#include <vector>

#include "app/output.h"
#include "app/scheduling.h"
#include "app/session.h"

namespace stargaze::app {

// The scheduler that a command talks to: the server's, or one opened for the command that runs
// nothing by itself.
struct SchedulerLease {
  std::unique_ptr<Scheduling> own{};
  Scheduling* scheduling = nullptr;
  Instance* instance = nullptr;
  orchestrate::Scheduler& scheduler() const { return scheduling->scheduler(); }
};
Result<SchedulerLease> LeaseScheduler(Session& session);

// Who a command acts for, with a reason that may be empty.
orchestrate::ManualAction ActionOf(const Session& session, const std::string& reason);

TableOutput RunsTable(const std::vector<orchestrate::RunView>& runs);
// A row per task; of a mapped one how many instances it has, in which states.
Result<TableOutput> TasksTable(const std::vector<orchestrate::TaskView>& tasks,
                               orchestrate::RunQueries& queries,
                               const model::Run& run);
// A row per instance that has begun or was decided.
Result<TableOutput> InstancesTable(orchestrate::RunQueries& queries,
                                   const model::Run& run,
                                   const orchestrate::InstanceFilter& filter);
TableOutput AffectedTable(const orchestrate::Affected& affected);

// 0 success, 1 failed, 8 partial.
Result<int> ExitCodeOf(orchestrate::RunQueries& queries, const model::Run& run);

// An instant, or a day (its first instant).
Result<Instant> ParseDate(const std::string& text, const std::string& flag);

// "12 success, 3 failed"
std::string CountsText(const orchestrate::StateCounts& counts);

storage::SqlValue InstantOrNull(const std::optional<Instant>& instant);

}  // namespace stargaze::app
