#include <fmt/core.h>

#include <map>
#include <memory>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/forward.h"
#include "app/progress.h"
#include "app/run_now.h"
#include "app/run_reader.h"
#include "app/run_tables.h"
#include "app/scheduling.h"
#include "base/embedded_files.h"
#include "base/suggest.h"
#include "config/dag_files.h"
#include "orchestrate/timetable.h"

namespace stargaze::app {
namespace {

constexpr std::chrono::seconds kAskAgain{1};
constexpr std::chrono::hours kWaitAtMost{24 * 7};
constexpr std::chrono::minutes kUnheardAtMost{2};  // A server behind a network comes back.

struct RunFlags {
  std::string dag_id{};
  std::string date{};
  std::string run_id{};
  std::string conf{};
  std::string reason{};
  bool detached = false;
};

struct BackfillFlags {
  orchestrate::BackfillRequest request{};
  std::string from{};
  std::string to{};
  std::string reprocess = "none";
  std::string reason{};
};

struct BackfillListFlags {
  std::string dag_id{};
  int limit = 50;
};

struct BackfillChange {
  int64_t number = 0;
  orchestrate::BackfillState state{};
  std::string reason{};
};

Result<const model::Dag*> Find(const Declarations& declarations, const std::string& dag_id) {
  if (const model::Dag* dag = declarations.FindDag(dag_id)) return dag;
  std::vector<std::string> names;
  for (const model::Dag& dag : declarations.dags) names.push_back(dag.dag_id);
  return Error(ErrorKind::kNotFound,
               fmt::format("no DAG is called '{}'{}", dag_id, DidYouMean(dag_id, names)))
      .Remedy("stargaze dag list");
}

// A server's scheduler has read the files anew since it began.
Result<Declarations> Read(Session& session) {
  SG_TRY(Declarations declarations, session.Declared());
  if (const Instance* server = session.environment().attached; server != nullptr) {
    declarations.dags = server->scheduling->Dags();
    declarations.problems = server->scheduling->Problems();
  }
  for (const config::FileProblem& problem : declarations.problems)
    session.err() << "warning: " << problem.error.message() << "\n";
  return declarations;
}

Status ListDags(Session& session) {
  SG_TRY(const RunReader reader, RunReader::Open(session));
  for (const config::FileProblem& problem : reader.Problems())
    session.err() << "warning: " << problem.error.message() << "\n";
  SG_TRY(const std::vector<orchestrate::DagView> views, reader.DagViews());
  std::map<std::string, orchestrate::DagView> by_id;
  for (const orchestrate::DagView& view : views) by_id[view.dag_id] = view;
  TableOutput table{
      .columns = {
          "dag", "schedule", "time_zone", "paused", "active_runs", "last_run", "tasks", "summary"}};
  for (const model::Dag& dag : reader.Dags()) {
    const orchestrate::DagView& view = by_id[dag.dag_id];
    table.rows.push_back({dag.dag_id,
                          dag.schedule.text,
                          dag.time_zone,
                          view.paused,
                          int64_t{view.active_runs},
                          InstantOrNull(view.last_logical_date),
                          static_cast<int64_t>(dag.tasks.size()),
                          dag.summary});
  }
  session.Print(table);
  return Ok();
}

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

Status ShowDag(Session& session, const std::string& dag_id) {
  SG_TRY(const Declarations declarations, Read(session));
  SG_TRY(const model::Dag* dag, Find(declarations, dag_id));
  TableOutput table{.columns = {"task", "uses", "with", "after", "rule", "pool", "retries"}};
  for (const model::DagTask& task : dag->tasks) {
    std::string with;
    for (const auto& [key, value] : task.with)
      with += fmt::format("{}{}={}", with.empty() ? "" : " ", key, value);
    table.rows.push_back({task.id,
                          task.uses,
                          with,
                          Joined(task.after),
                          std::string(NameOf(task.trigger_rule)),
                          task.pool,
                          int64_t{task.retries}});
  }
  session.Print(table);
  return Ok();
}

// What the scheduler would refuse beyond the files' form is in config's checks already: pools too.
Status ValidateDags(Session& session, const std::vector<std::string>& paths) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  SG_TRY(const Declarations declared, ReadDeclarations(*settings));
  std::vector<config::FileProblem> problems = declared.problems;
  std::size_t dags = declared.dags.size();
  if (!paths.empty()) {
    config::DagFiles files(
        config::BuiltInFiles(EmbeddedFiles(), "pipelines"), paths, declared.catalog, DagRules());
    files.Refresh();
    const config::DagDeclarations& found = files.current();
    problems = found.problems;
    dags = found.dags.size();
  }
  for (const config::FileProblem& problem : problems)
    session.findings() << problem.error.message() << "\n";
  if (!problems.empty()) session.exit_code = kCheckFailedCode;
  session.err() << fmt::format(
      "{} DAGs are well declared, {} files are not\n", dags, problems.size());
  return Ok();
}

TableOutput GraphTable(const model::Dag& dag) {
  TableOutput table{.columns = {"task", "uses", "group", "mapped", "rule", "after"}};
  for (const model::DagTask& task : dag.tasks)
    table.rows.push_back({task.id,
                          task.uses,
                          task.group,
                          !task.for_each.empty(),
                          std::string(NameOf(task.trigger_rule)),
                          Joined(task.after)});
  return table;
}

// For Graphviz: "stargaze dag render github_repo | dot -Tsvg"; in any other format a row per task.
Status RenderDag(Session& session, const std::string& dag_id) {
  SG_TRY(const Declarations declarations, Read(session));
  SG_TRY(const model::Dag* dag, Find(declarations, dag_id));
  if (session.output().format) {
    session.Print(GraphTable(*dag));
    return Ok();
  }
  session.out() << fmt::format("digraph \"{}\" {{\n  rankdir=LR;\n", dag->dag_id);
  for (const model::DagTask& task : dag->tasks) {
    session.out() << fmt::format(
        "  \"{}\" [shape=box, label=\"{}\\n{}\"];\n", task.id, task.id, task.uses);
    for (const std::string& before : task.after)
      session.out() << fmt::format("  \"{}\" -> \"{}\";\n", before, task.id);
  }
  session.out() << "}\n";
  return Ok();
}

Status NextRuns(Session& session, const std::string& dag_id, int count) {
  SG_TRY(const Declarations declarations, Read(session));
  SG_TRY(const model::Dag* dag, Find(declarations, dag_id));
  SG_TRY(const orchestrate::Timetable timetable, orchestrate::Timetable::Create(*dag));
  SystemClock clock;
  const Instant now = clock.Now();
  TableOutput table{.columns = {"run_after", "logical_date", "data_start", "data_end"}};
  // From now on: what is overdue is the scheduler's business.
  const orchestrate::Progress progress{.last_logical_date = now, .active_since = now};
  for (const orchestrate::PlannedRun& run :
       timetable.Upcoming(progress, now, static_cast<std::size_t>(count)))
    table.rows.push_back({run.run_after, run.logical_date, run.interval_start, run.interval_end});
  session.Print(table);
  return Ok();
}

Status SetPaused(Session& session, const std::string& dag_id, bool paused) {
  SG_TRY(const SchedulerLease lease, LeaseScheduler(session));
  return lease.scheduler().SetPaused(dag_id, paused, ActionOf(session, ""));
}

Status Backfill(Session& session, const BackfillFlags& flags) {
  orchestrate::BackfillRequest request = flags.request;
  for (const auto& [name, value] :
       {std::pair{"dag", request.dag_id}, {"--from", flags.from}, {"--to", flags.to}}) {
    if (value.empty())
      return Error(ErrorKind::kInvalidInput,
                   fmt::format("stargaze dag backfill: {} is required", name))
          .Remedy("stargaze dag backfill --help");
  }
  SG_TRY(request.from, ParseDate(flags.from, "--from"));
  SG_TRY(request.to, ParseDate(flags.to, "--to"));
  // A day means all of it.
  if (ParseDay(flags.to)) request.to += std::chrono::days(1) - std::chrono::microseconds(1);
  if (flags.reprocess == "failed") request.reprocess = orchestrate::Reprocess::kFailed;
  if (flags.reprocess == "completed") request.reprocess = orchestrate::Reprocess::kCompleted;
  SG_TRY(const SchedulerLease lease, LeaseScheduler(session));
  SG_TRY(const orchestrate::BackfillPlan plan,
         lease.scheduler().Backfill(request, ActionOf(session, flags.reason)));
  TableOutput table{.columns = {"logical_date"}};
  for (const Instant date : plan.dates) table.rows.push_back({date});
  session.Print(table);
  session.err() << fmt::format(
      "{} runs, {} of them exist already", plan.dates.size(), plan.existing);
  session.err() << (request.dry_run ? std::string("; nothing was begun\n")
                                    : fmt::format("; backfill {}\n", plan.number));
  if (!request.dry_run && lease.own)
    session.err() << "no server holds the data folder: stargaze up will make the runs\n";
  return Ok();
}

Status ListBackfills(Session& session, const BackfillListFlags& flags) {
  SG_TRY(const RunReader reader, RunReader::Open(session));
  std::optional<std::string> dag;
  if (!flags.dag_id.empty()) dag = flags.dag_id;
  SG_TRY(const auto backfills, reader.queries().Backfills(dag, flags.limit));
  TableOutput table{.columns = {"backfill",
                                "dag",
                                "state",
                                "from",
                                "to",
                                "backwards",
                                "max_active_runs",
                                "total",
                                "made",
                                "succeeded",
                                "failed"}};
  for (const orchestrate::BackfillView& one : backfills)
    table.rows.push_back({one.number,
                          one.dag_id,
                          std::string(NameOf(one.state)),
                          one.from,
                          one.to,
                          one.backwards,
                          int64_t{one.max_active_runs},
                          one.total,
                          one.made,
                          one.succeeded,
                          one.failed});
  session.Print(table);
  return Ok();
}

Status ChangeBackfill(Session& session, const BackfillChange& change) {
  SG_TRY(const SchedulerLease lease, LeaseScheduler(session));
  return lease.scheduler().SetBackfillState(
      change.number, change.state, ActionOf(session, change.reason));
}

Result<RunWish> WishOf(const RunFlags& flags) {
  RunWish wish{.dag_id = flags.dag_id,
               .run_id = flags.run_id,
               .conf = flags.conf,
               .reason = flags.reason,
               .detached = flags.detached};
  if (!flags.date.empty()) {
    SG_TRY(wish.logical_date, ParseDate(flags.date, "--logical-date"));
  }
  return wish;
}

Status Refused(Session& session, const ServerAnswer& answer) {
  session.raw_err() << answer.err;
  session.exit_code = answer.exit_code;
  return Ok();
}

// The server runs it; this process asks now and then how far it is, so that it holds up nobody.
Status RunOnServer(Session& session, const RunFlags& flags, const ServerAnswer& begun) {
  if (begun.exit_code != 0) return Refused(session, begun);
  const std::string run_id = FieldOf(begun.out, "run_id");
  SystemClock clock;
  const Instant deadline = clock.Now() + kWaitAtMost;
  Instant heard_at = clock.Now();
  std::string state = FieldOf(begun.out, "state");
  while (state == "queued" || state == "running") {
    if (clock.Now() >= deadline)
      return Error(ErrorKind::kTimeout, "the run " + run_id + " has not ended in a week");
    if (!clock.SleepUntil(clock.Now() + kAskAgain, session.environment().stop).ok())
      return Error(ErrorKind::kCancelled, "stopped waiting; the server goes on with " + run_id);
    const auto now = AskServer(session, {"--json", "run", "state", flags.dag_id, run_id});
    if (!now.ok() && now.error().retryable() && clock.Now() - heard_at < kUnheardAtMost) continue;
    if (!now.ok())
      return Error(now.error())
          .While("waiting for " + run_id + ", with which the server may go on");
    if (!now.value())
      return Error(ErrorKind::kUnavailable, "the server has gone; its next start goes on");
    if (now.value()->exit_code != 0) return Refused(session, *now.value());
    heard_at = clock.Now();
    state = FieldOf(now.value()->out, "state");
  }
  std::vector<std::string> view{"run", "view", flags.dag_id, run_id, "--exit-code"};
  if (!session.json_fields.empty())
    view.insert(view.begin(),
                session.json_fields == "true" ? "--json" : "--json=" + session.json_fields);
  if (!session.format_flag.empty()) view.insert(view.begin(), "--format=" + session.format_flag);
  SG_TRY(const auto shown, AskServer(session, view));
  if (!shown) return Error(ErrorKind::kUnavailable, "the server has gone; the run has ended");
  session.out() << shown->out;
  return Refused(session, *shown);
}

Status RunDag(Session& session, const RunFlags& flags) {
  SG_TRY(const RunWish wish, WishOf(flags));
  if (session.environment().attached != nullptr || flags.detached) return RunNow(session, wish);
  std::vector<std::string> arguments{"--json", "dag", "run", flags.dag_id, "--detach"};
  const auto add = [&](const char* flag, const std::string& value) {
    if (!value.empty()) arguments.insert(arguments.end(), {flag, value});
  };
  add("--logical-date", flags.date);
  add("--run-id", flags.run_id);
  add("--conf", flags.conf);
  add("--reason", flags.reason);
  SG_TRY(const auto begun, AskServer(session, arguments));
  return begun ? RunOnServer(session, flags, *begun) : RunNow(session, wish);
}

void AddRun(CLI::App& dag, Session& session) {
  auto flags = std::make_shared<RunFlags>();
  CLI::App* run = dag.add_subcommand(
      "run",
      "Run a DAG now; the same --logical-date again goes on with what was stopped or failed");
  run->add_option("dag", flags->dag_id, "As in github_repo")->required();
  run->add_option("--logical-date", flags->date, "The run's date; now otherwise")
      ->type_name("DATE");
  run->add_option("--run-id", flags->run_id, "manual__<logical date> otherwise");
  run->add_option("--conf", flags->conf, "JSON for the tasks");
  run->add_option("--reason", flags->reason, "Kept in the audit");
  run->add_flag("--detach", flags->detached, "Do not wait for the end: the server runs it");
  run->callback([&session, flags] {
    session.needs_instance = flags->detached;
    session.reach = Reach::kHeeded;
    session.action = [flags](Session& s) { return RunDag(s, *flags); };
  });
}

void AddBackfillVerbs(CLI::App& backfill, Session& session) {
  auto list = std::make_shared<BackfillListFlags>();
  CLI::App* command = backfill.add_subcommand("list", "List backfills, the newest first");
  command->add_option("--dag", list->dag_id, "Only of this DAG")->type_name("DAG");
  command->add_option("--limit", list->limit, "How many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  command->callback([&session, list] {
    session.needs_instance = true;
    session.reads_beside = true;
    session.action = [list](Session& s) { return ListBackfills(s, *list); };
  });
  const auto add = [&](const char* verb, const char* help, orchestrate::BackfillState state) {
    auto change = std::make_shared<BackfillChange>(BackfillChange{.state = state});
    CLI::App* changing = backfill.add_subcommand(verb, help);
    changing->add_option("number", change->number, "As stargaze dag backfill list shows it")
        ->required();
    changing->add_option("--reason", change->reason, "Kept in the audit");
    changing->callback([&session, change] {
      session.needs_instance = true;
      session.action = [change](Session& s) { return ChangeBackfill(s, *change); };
    });
  };
  using orchestrate::BackfillState;
  add("pause", "Make no further runs of it; those there are go on", BackfillState::kPaused);
  add("resume", "Undo a pause", BackfillState::kRunning);
  add("cancel", "Make no further runs of it, for good", BackfillState::kCancelled);
}

void AddBackfill(CLI::App& dag, Session& session) {
  auto flags = std::make_shared<BackfillFlags>();
  CLI::App* backfill = dag.add_subcommand("backfill", "Make the runs of past dates");
  // Required, but not of the commands below it: checked when it runs.
  backfill->add_option("dag", flags->request.dag_id, "As in github_repo");
  backfill->add_option("--from", flags->from, "First logical date")->type_name("DATE");
  backfill->add_option("--to", flags->to, "Last logical date")->type_name("DATE");
  backfill->add_flag("--backwards", flags->request.backwards, "The newest first");
  backfill->add_option("--max-active-runs", flags->request.max_active_runs, "How many at a time")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  backfill
      ->add_option(
          "--reprocess", flags->reprocess, "Dates that have a run: none, failed, completed")
      ->check(CLI::IsMember({"none", "failed", "completed"}))
      ->capture_default_str();
  backfill->add_option("--conf", flags->request.conf, "JSON for the tasks");
  backfill->add_option("--reason", flags->reason, "Kept in the audit");
  backfill->add_flag("--dry-run", flags->request.dry_run, "Show the dates, begin nothing");
  AddBackfillVerbs(*backfill, session);
  backfill->callback([&session, backfill, flags] {
    if (!backfill->get_subcommands().empty()) return;
    session.needs_instance = true;
    session.action = [flags](Session& s) { return Backfill(s, *flags); };
  });
}

}  // namespace

void AddDagCommands(CLI::App& app, Session& session) {
  CLI::App* dag = app.add_subcommand("dag", "DAGs: what runs, in what order, when");
  dag->require_subcommand(1);
  dag->add_subcommand("list", "List the DAGs")->callback([&session] {
    session.needs_instance = true;
    session.reads_beside = true;
    session.action = &ListDags;
  });
  auto name = std::make_shared<std::string>();
  const auto about = [&](const char* verb, const char* help, auto action, bool needs_instance) {
    CLI::App* command = dag->add_subcommand(verb, help);
    command->add_option("dag", *name, "As in github_repo")->required();
    command->callback([&session, name, action, needs_instance] {
      session.needs_instance = needs_instance;
      session.reach = Reach::kServer;
      session.action = [name, action](Session& s) { return action(s, *name); };
    });
    return command;
  };
  about("show", "Show a DAG's tasks", &ShowDag, false);
  about("render",
        "Print a DAG as a graph for Graphviz; in another format a row per task",
        &RenderDag,
        false);
  about(
      "pause",
      "Make no runs and begin no tasks; what runs ends",
      [](Session& s, const std::string& id) { return SetPaused(s, id, true); },
      true);
  about(
      "resume",
      "Undo a pause",
      [](Session& s, const std::string& id) { return SetPaused(s, id, false); },
      true);
  auto count = std::make_shared<int>(5);
  about(
      "next",
      "When a DAG's next runs are made",
      [count](Session& s, const std::string& id) { return NextRuns(s, id, *count); },
      false)
      ->add_option("--count", *count, "How many")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
  auto paths = std::make_shared<std::vector<std::string>>();
  CLI::App* validate = dag->add_subcommand("validate", "Check the files of DAGs");
  validate->add_option("folder", *paths, "Folders with files of DAGs, beside the built-in ones");
  validate->callback([&session, paths] {
    session.action = [paths](Session& s) { return ValidateDags(s, *paths); };
  });
  AddRun(*dag, session);
  AddBackfill(*dag, session);
}

}  // namespace stargaze::app
