#include "app/run_tables.h"

#include <fmt/core.h>

#include <map>
#include <numeric>
#include <utility>

namespace stargaze::app {
namespace {

using orchestrate::InstanceState;
using orchestrate::InstanceView;
using orchestrate::RunView;
using orchestrate::StateCounts;
using orchestrate::TaskView;

constexpr int kPartial = 8;
constexpr int kPage = 1000;

int64_t InstancesOf(const TaskView& task) {
  return std::accumulate(task.instances.begin(), task.instances.end(), int64_t{0});
}

// The last try of each task that has one instance, mapped or not.
Result<std::map<std::string, InstanceView>> SingleInstances(orchestrate::RunQueries& queries,
                                                            const model::Run& run,
                                                            const std::vector<TaskView>& tasks) {
  std::map<std::string, InstanceView> found;
  for (const TaskView& task : tasks) {
    if (InstancesOf(task) != 1) continue;
    SG_TRY(const auto page,
           queries.Instances(run.dag_id, run.run_id, {.task_id = task.task_id, .limit = 1}));
    if (!page.empty()) found[task.task_id] = page.front();
  }
  return found;
}

// How many instances of a task published only a part; a task without any is not named.
Result<std::map<std::string, int64_t>> PartialInstances(orchestrate::RunQueries& queries,
                                                        const model::Run& run) {
  std::map<std::string, int64_t> found;
  for (int64_t offset = 0;; offset += kPage) {
    SG_TRY(const auto page,
           queries.Instances(run.dag_id, run.run_id, {.offset = offset, .limit = kPage}));
    for (const InstanceView& one : page)
      if (one.partial) ++found[one.task_id];
    if (static_cast<int>(page.size()) < kPage) return found;
  }
}

}  // namespace

storage::SqlValue InstantOrNull(const std::optional<Instant>& instant) {
  return instant ? storage::SqlValue(*instant) : storage::SqlValue(std::monostate());
}

std::string CountsText(const StateCounts& counts) {
  std::string text;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    if (counts[i] == 0) continue;
    text += fmt::format(
        "{}{} {}", text.empty() ? "" : ", ", counts[i], NameOf(static_cast<InstanceState>(i)));
  }
  return text;
}

Result<SchedulerLease> LeaseScheduler(Session& session) {
  SchedulerLease lease;
  SG_TRY(lease.instance, session.OpenInstance());
  lease.scheduling = lease.instance->scheduling;
  if (lease.scheduling != nullptr) return lease;
  SG_TRY(lease.own, Scheduling::Open(*lease.instance, {}));
  lease.scheduling = lease.own.get();
  return lease;
}

orchestrate::ManualAction ActionOf(const Session& session, const std::string& reason) {
  const auto& variables = session.environment().variables;
  const auto user = variables.find("USER");
  const std::string name =
      user == variables.end() || user->second.empty() ? "" : " " + user->second;
  return {.who = "command line" + name, .reason = reason};
}

TableOutput RunsTable(const std::vector<RunView>& runs) {
  TableOutput table{.columns = {"dag",
                                "run_id",
                                "logical_date",
                                "type",
                                "state",
                                "queued_at",
                                "started_at",
                                "ended_at",
                                "cause"}};
  for (const RunView& run : runs) {
    table.rows.push_back({run.run.dag_id,
                          run.run.run_id,
                          run.run.logical_date,
                          std::string(NameOf(run.type)),
                          std::string(NameOf(run.state)),
                          run.queued_at,
                          InstantOrNull(run.started_at),
                          InstantOrNull(run.ended_at),
                          run.cause});
  }
  return table;
}

Result<TableOutput> TasksTable(const std::vector<TaskView>& tasks,
                               orchestrate::RunQueries& queries,
                               const model::Run& run) {
  TableOutput table{.columns = {"task", "state", "tries", "detail"}};
  SG_TRY(const auto single, SingleInstances(queries, run, tasks));
  SG_TRY(const auto partial, PartialInstances(queries, run));
  for (const TaskView& task : tasks) {
    const auto instance = single.find(task.task_id);
    if (instance == single.end()) {
      std::string counts = task.mapped ? CountsText(task.instances) : "";
      if (const auto some = partial.find(task.task_id); some != partial.end())
        counts += fmt::format(", {} partial", some->second);
      table.rows.push_back(
          {task.task_id, std::string(NameOf(task.state)), int64_t{0}, std::move(counts)});
      continue;
    }
    table.rows.push_back({task.task_id,
                          StateText(instance->second),
                          int64_t{instance->second.try_number},
                          instance->second.detail});
  }
  return table;
}

Result<TableOutput> InstancesTable(orchestrate::RunQueries& queries,
                                   const model::Run& run,
                                   const orchestrate::InstanceFilter& filter) {
  TableOutput table{.columns = {"task",
                                "map_index",
                                "state",
                                "tries",
                                "started_at",
                                "ended_at",
                                "next_try_at",
                                "detail"}};
  SG_TRY(const auto page, queries.Instances(run.dag_id, run.run_id, filter));
  for (const InstanceView& one : page) {
    table.rows.push_back({one.task_id,
                          int64_t{one.map_index},
                          StateText(one),
                          int64_t{one.try_number},
                          InstantOrNull(one.started_at),
                          InstantOrNull(one.ended_at),
                          InstantOrNull(one.next_at),
                          one.detail});
  }
  return table;
}

TableOutput AffectedTable(const orchestrate::Affected& affected) {
  TableOutput table{.columns = {"run_id", "task", "instances"}};
  for (const orchestrate::AffectedTask& task : affected.tasks)
    table.rows.push_back({task.run_id, task.task_id, task.instances});
  return table;
}

Result<int> ExitCodeOf(orchestrate::RunQueries& queries, const model::Run& run) {
  SG_TRY(const RunView view, queries.Run(run.dag_id, run.run_id));
  if (view.state == orchestrate::DagRunState::kFailed) return 1;
  SG_TRY(const auto partial, PartialInstances(queries, run));
  return partial.empty() ? 0 : kPartial;
}

Result<Instant> ParseDate(const std::string& text, const std::string& flag) {
  if (const auto instant = ParseInstant(text)) return *instant;
  if (const auto day = ParseDay(text)) return Instant(*day);
  return Error(ErrorKind::kInvalidInput, "not a date: '" + text + "'")
      .Remedy("write " + flag + " 2026-01-31 or 2026-01-31T11:50:00Z");
}

}  // namespace stargaze::app
