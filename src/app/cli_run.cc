#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/run_reader.h"
#include "app/run_tables.h"

namespace stargaze::app {
namespace {

using orchestrate::InstanceState;
using orchestrate::RunView;
using orchestrate::Selection;

struct ListWish {
  std::string dag_id{};
  std::string state{};
  std::string from{};
  std::string to{};
  int limit = 50;
};

struct ChangeWish {
  Selection selection{};
  int map_index = -1;  // Of the parser; below 0: all.
  std::string state{};
  std::string reason{};
  bool dry_run = false;
};

struct ViewWish {
  std::string dag_id{};
  std::string run_id{};
  bool gives_exit_code = false;
  std::string task_id{};  // Its instances; empty: the tasks.
  std::string state{};
  orchestrate::InstanceFilter filter{};
};

struct LogWish {
  std::string dag_id{};
  std::string run_id{};
  std::string task_id{};
  int map_index = 0;
  int try_number = 0;  // 0: the last.
};

Result<orchestrate::RunFilter> FilterOf(const ListWish& wish) {
  orchestrate::RunFilter filter{.limit = wish.limit};
  if (!wish.dag_id.empty()) filter.dag_id = wish.dag_id;
  if (!wish.state.empty()) {
    filter.state = orchestrate::ParseDagRunState(wish.state);
    if (!filter.state)
      return Error(ErrorKind::kInvalidInput, "not a state of a run: '" + wish.state + "'")
          .Remedy("queued, running, success or failed");
  }
  if (!wish.from.empty()) {
    SG_TRY(filter.logical_from, ParseDate(wish.from, "--from"));
  }
  if (!wish.to.empty()) {
    SG_TRY(filter.logical_to, ParseDate(wish.to, "--to"));
  }
  return filter;
}

Status List(Session& session, const ListWish& wish) {
  SG_TRY(const orchestrate::RunFilter filter, FilterOf(wish));
  SG_TRY(const RunReader reader, RunReader::Open(session));
  SG_TRY(const orchestrate::RunPage page, reader.queries().Runs(filter));
  session.Print(RunsTable(page.runs));
  if (page.next) session.err() << "there are older runs: --limit, --from and --to choose others\n";
  return Ok();
}

Status State(Session& session, const ChangeWish& wish) {
  SG_TRY(const RunReader reader, RunReader::Open(session));
  SG_TRY(const RunView view, reader.queries().Run(wish.selection.dag_id, wish.selection.run_id));
  session.Print(RunsTable({view}));
  return Ok();
}

Result<orchestrate::InstanceFilter> FilterOf(const ViewWish& wish) {
  orchestrate::InstanceFilter filter = wish.filter;
  filter.task_id = wish.task_id;
  if (wish.state.empty()) return filter;
  filter.state = orchestrate::ParseInstanceState(wish.state);
  if (filter.state) return filter;
  return Error(ErrorKind::kInvalidInput, "not a state of an instance: '" + wish.state + "'")
      .Remedy("as in failed, up_for_retry, running, success");
}

// Of a mapped task, instance by instance.
Status ViewInstances(Session& session,
                     const RunReader& reader,
                     const RunView& view,
                     const ViewWish& wish) {
  SG_TRY(const auto tasks, reader.Tasks(view.run));
  if (std::ranges::find(tasks, wish.task_id, &orchestrate::TaskView::task_id) == tasks.end())
    return Error(ErrorKind::kNotFound,
                 fmt::format("{} has no task '{}'", wish.run_id, wish.task_id))
        .Remedy(fmt::format("stargaze run view {} {}", wish.dag_id, wish.run_id));
  SG_TRY(const orchestrate::InstanceFilter filter, FilterOf(wish));
  SG_TRY(const TableOutput table, InstancesTable(reader.queries(), view.run, filter));
  session.Print(table);
  if (static_cast<int>(table.rows.size()) == filter.limit)
    session.err() << "there may be more: --offset, --limit and --state choose others\n";
  return Ok();
}

Status View(Session& session, const ViewWish& wish) {
  const std::string& dag_id = wish.dag_id;
  const std::string& run_id = wish.run_id;
  SG_TRY(const RunReader reader, RunReader::Open(session));
  SG_TRY(const RunView view, reader.queries().Run(dag_id, run_id));
  if (session.wants_notes()) {
    session.err() << fmt::format("{} {}: {} ({}), data from {} to {}\n",
                                 dag_id,
                                 run_id,
                                 NameOf(view.state),
                                 view.cause.empty() ? NameOf(view.type) : view.cause,
                                 FormatInstantSeconds(view.data_start),
                                 FormatInstantSeconds(view.data_end));
  }
  if (!wish.task_id.empty()) {
    SG_RETURN_IF_ERROR(ViewInstances(session, reader, view, wish));
  } else {
    SG_TRY(const auto tasks, reader.Tasks(view.run));
    SG_TRY(const TableOutput table, TasksTable(tasks, reader.queries(), view.run));
    session.Print(table);
  }
  if (!wish.gives_exit_code) return Ok();
  SG_TRY(session.exit_code, ExitCodeOf(reader.queries(), view.run));
  return Ok();
}

// The try's file; kNotFound says which tries there are.
Result<std::string> LogFileOf(orchestrate::RunQueries& queries, const LogWish& wish) {
  SG_TRY(const auto tries, queries.Tries(wish.dag_id, wish.run_id, wish.task_id, wish.map_index));
  if (tries.empty())
    return Error(ErrorKind::kNotFound,
                 fmt::format("{} has had no try in {}", wish.task_id, wish.run_id))
        .Remedy("stargaze run view lists the tasks");
  if (wish.try_number == 0) return tries.back().log_path;
  for (const orchestrate::TryView& one : tries)
    if (one.try_number == wish.try_number) return one.log_path;
  return Error(ErrorKind::kNotFound,
               fmt::format("{} has no try {}; the last is {}",
                           wish.task_id,
                           wish.try_number,
                           tries.back().try_number));
}

Status Logs(Session& session, const LogWish& wish) {
  SG_TRY(const RunReader reader, RunReader::Open(session));
  SG_TRY(const std::string path, LogFileOf(reader.queries(), wish));
  std::ifstream file(reader.log_folder() + "/" + path, std::ios::binary);
  if (!file) {
    session.err() << "the try has written no line\n";
    return Ok();
  }
  session.out() << file.rdbuf();
  return Ok();
}

Status Retry(Session& session, const ChangeWish& wish) {
  SG_TRY(const SchedulerLease lease, LeaseScheduler(session));
  SG_TRY(const orchestrate::Affected affected,
         lease.scheduler().Retry(
             wish.selection.dag_id, wish.selection.run_id, ActionOf(session, wish.reason)));
  session.Print(AffectedTable(affected));
  return Ok();
}

Status Cancel(Session& session, const std::string& dag_id, const ChangeWish& wish) {
  SG_TRY(const SchedulerLease lease, LeaseScheduler(session));
  return lease.scheduler().Cancel(dag_id, wish.selection.run_id, ActionOf(session, wish.reason));
}

Status Clear(Session& session, const ChangeWish& wish) {
  SG_TRY(const SchedulerLease lease, LeaseScheduler(session));
  SG_TRY(const orchestrate::Affected affected,
         lease.scheduler().Clear(wish.selection, ActionOf(session, wish.reason), wish.dry_run));
  session.Print(AffectedTable(affected));
  return Ok();
}

Status Mark(Session& session, const ChangeWish& wish) {
  const auto state = orchestrate::ParseInstanceState(wish.state);
  if (state != InstanceState::kSuccess && state != InstanceState::kFailed)
    return Error(ErrorKind::kInvalidInput, "cannot be marked as '" + wish.state + "'")
        .Remedy("success or failed");
  SG_TRY(const SchedulerLease lease, LeaseScheduler(session));
  SG_TRY(
      const orchestrate::Affected affected,
      lease.scheduler().Mark(wish.selection, *state, ActionOf(session, wish.reason), wish.dry_run));
  session.Print(AffectedTable(affected));
  return Ok();
}

void AddSelection(CLI::App& command, ChangeWish& wish) {
  Selection& selection = wish.selection;
  command.add_option("dag", selection.dag_id, "As in github_repo")->required();
  command.add_option("run", selection.run_id, "As stargaze run list shows it")->required();
  command.add_option("--task", selection.task_ids, "Only this task; may be repeated")
      ->type_name("TASK");
  command.add_option("--map-index", wish.map_index, "Only this instance of the task")
      ->check(CLI::NonNegativeNumber);
  command.add_flag("--upstream", selection.upstream, "Also what comes before it in the run");
  command.add_flag("--downstream", selection.downstream, "Also what comes after it in the run");
  command.add_flag("--past", selection.past, "Also in earlier runs");
  command.add_flag("--future", selection.future, "Also in later runs");
  command.add_flag("--only-failed", selection.only_failed, "Of these, only what failed");
  command.add_flag("--dry-run", wish.dry_run, "Show what would change");
}

template <typename Wish>
void Act(CLI::App* command,
         Session& session,
         std::shared_ptr<Wish> wish,
         Status (*action)(Session&, const Wish&),
         bool only_reads = false) {
  command->callback([&session, wish, action, only_reads] {
    session.needs_instance = true;
    session.reads_beside = only_reads;
    session.action = [wish, action](Session& s) {
      if constexpr (std::is_same_v<Wish, ChangeWish>) {
        if (wish->map_index >= 0) wish->selection.map_index = wish->map_index;
      }
      return action(s, *wish);
    };
  });
}

Status CancelWish(Session& session, const ChangeWish& wish) {
  return Cancel(session, wish.selection.dag_id, wish);
}
void AddLookers(CLI::App& run, Session& session) {
  auto list = std::make_shared<ListWish>();
  CLI::App* command = run.add_subcommand("list", "List runs, the newest first");
  command->add_option("--dag", list->dag_id, "Only of this DAG")->type_name("DAG");
  command->add_option("--state", list->state, "queued, running, success or failed");
  command->add_option("--from", list->from, "First logical date")->type_name("DATE");
  command->add_option("--to", list->to, "Last logical date")->type_name("DATE");
  command->add_option("--limit", list->limit, "How many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  Act(command, session, list, &List, true);

  auto view = std::make_shared<ViewWish>();
  command = run.add_subcommand("view", "Show a run's tasks, or the instances of one of them");
  command->add_option("dag", view->dag_id, "As in github_repo")->required();
  command->add_option("run", view->run_id, "As stargaze run list shows it")->required();
  command->add_option("--task", view->task_id, "Show this task's instances by map index")
      ->type_name("TASK");
  command->add_option("--state", view->state, "Of these, only those in this state, as in failed");
  command->add_option("--limit", view->filter.limit, "Of these, how many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->add_option("--offset", view->filter.offset, "Of these, how many to leave out before")
      ->check(CLI::NonNegativeNumber);
  command->add_flag(
      "--exit-code", view->gives_exit_code, "End with 1 when it failed, 8 when partial");
  Act(command, session, view, &View, true);

  auto state = std::make_shared<ChangeWish>();
  command = run.add_subcommand("state", "Show a run in one line");
  command->add_option("dag", state->selection.dag_id, "As in github_repo")->required();
  command->add_option("run", state->selection.run_id, "As stargaze run list shows it")->required();
  Act(command, session, state, &State, true);

  auto log = std::make_shared<LogWish>();
  command = run.add_subcommand("logs", "Print what a try of a task has written");
  command->add_option("dag", log->dag_id, "As in github_repo")->required();
  command->add_option("run", log->run_id, "As stargaze run list shows it")->required();
  command->add_option("task", log->task_id, "As stargaze run view shows it")->required();
  command->add_option("--map-index", log->map_index, "Which instance of a mapped task");
  command->add_option("--try", log->try_number, "Which try; the last one otherwise");
  Act(command, session, log, &Logs, true);
}

void AddMenders(CLI::App& run, Session& session) {
  auto retry = std::make_shared<ChangeWish>();
  CLI::App* command =
      run.add_subcommand("retry", "Run again what failed in a run, and what failed because of it");
  command->add_option("dag", retry->selection.dag_id, "As in github_repo")->required();
  command->add_option("run", retry->selection.run_id, "As stargaze run list shows it")->required();
  command->add_option("--reason", retry->reason, "Kept in the audit");
  Act(command, session, retry, &Retry);

  auto cancel = std::make_shared<ChangeWish>();
  command = run.add_subcommand("cancel", "Stop what runs, skip the rest; the run ends as failed");
  command->add_option("dag", cancel->selection.dag_id, "As in github_repo")->required();
  command->add_option("run", cancel->selection.run_id, "As stargaze run list shows it")->required();
  command->add_option("--reason", cancel->reason, "Kept in the audit")->required();
  Act(command, session, cancel, &CancelWish);

  auto clear = std::make_shared<ChangeWish>();
  command = run.add_subcommand("clear", "Have tasks run again");
  AddSelection(*command, *clear);
  command->add_option("--reason", clear->reason, "Kept in the audit");
  Act(command, session, clear, &Clear);

  auto mark = std::make_shared<ChangeWish>();
  command = run.add_subcommand("mark", "Say how tasks ended, whatever they did");
  command->add_option("state", mark->state, "success or failed")->required();
  AddSelection(*command, *mark);
  command->add_option("--reason", mark->reason, "Kept in the audit")->required();
  Act(command, session, mark, &Mark);
}

}  // namespace

void AddRunCommands(CLI::App& app, Session& session) {
  CLI::App* run = app.add_subcommand("run", "Runs of DAGs: look at them, mend them");
  run->require_subcommand(1);
  AddLookers(*run, session);
  AddMenders(*run, session);
}

}  // namespace stargaze::app
