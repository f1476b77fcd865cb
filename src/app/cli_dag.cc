#include <fmt/core.h>

#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/progress.h"
#include "app/run_pipeline.h"
#include "base/suggest.h"

namespace stargaze::app {
namespace {

constexpr int kPartial = 8;

Result<const model::Pipeline*> Find(const Declarations& declarations, const std::string& dag_id) {
  if (const model::Pipeline* pipeline = declarations.FindPipeline(dag_id)) return pipeline;
  std::vector<std::string> names;
  for (const model::Pipeline& pipeline : declarations.pipelines) names.push_back(pipeline.dag_id);
  return Error(ErrorKind::kNotFound,
               fmt::format("no pipeline is called '{}'{}", dag_id, DidYouMean(dag_id, names)))
      .Remedy("stargaze dag list");
}

Status ListPipelines(Session& session) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  SG_TRY(const Declarations declarations, ReadDeclarations(*settings));
  TableOutput table{.columns = {"dag", "schedule_utc", "tasks", "summary"}};
  for (const model::Pipeline& pipeline : declarations.pipelines) {
    table.rows.push_back({pipeline.dag_id,
                          pipeline.schedule,
                          static_cast<int64_t>(pipeline.tasks.size()),
                          pipeline.summary});
  }
  session.Print(table);
  return Ok();
}

Status ShowPipeline(Session& session, const std::string& dag_id) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  SG_TRY(const Declarations declarations, ReadDeclarations(*settings));
  SG_TRY(const model::Pipeline* pipeline, Find(declarations, dag_id));
  TableOutput table{.columns = {"task", "uses", "with", "after", "retries"}};
  for (const model::PipelineTask& task : pipeline->tasks) {
    std::string with;
    for (const auto& [key, value] : task.with)
      with += fmt::format("{}{}={}", with.empty() ? "" : " ", key, value);
    std::string after;
    for (const std::string& id : task.after) after += (after.empty() ? "" : ", ") + id;
    table.rows.push_back({task.id, task.uses, with, after, int64_t{task.retries}});
  }
  session.Print(table);
  return Ok();
}

// An instant, a day (its first instant), or nothing: now, to the second.
Result<Instant> LogicalDate(const std::string& text, Instant now) {
  if (text.empty()) return Instant(std::chrono::floor<std::chrono::seconds>(now));
  if (const auto instant = ParseInstant(text)) return *instant;
  if (const auto day = ParseDay(text)) return Instant(*day);
  return Error(ErrorKind::kInvalidInput, "not a date: '" + text + "'")
      .Remedy("write --logical-date 2026-01-31 or 2026-01-31T11:50:00Z");
}

Status RunDag(Session& session, const std::string& dag_id, const std::string& date) {
  SG_TRY(Instance * instance, session.OpenInstance());
  SG_TRY(const model::Pipeline* pipeline, Find(instance->declarations, dag_id));
  SG_TRY(const Instant logical_date, LogicalDate(date, instance->clock.Now()));
  if (instance->options.identity.sandbox && instance->options.base_url.empty()) {
    return Error(ErrorKind::kConflict,
                 "the data folder is a demo's: its simulated GitHub runs inside the demo")
        .Remedy("stargaze demo --days N goes on with it");
  }
  Progress progress(session.err(), session.output().err_is_terminal);
  TableOutput table{.columns = {"task", "state", "tries", "detail"}};
  const PipelineRun run{
      .run = {.dag_id = dag_id,
              .run_id = model::ManualRunId(logical_date),
              .logical_date = logical_date},
      .stop = session.environment().stop,
      .progress = [&](const std::string& task,
                      std::string_view line) { progress.Show(fmt::format("{}  {}", task, line)); },
      .task_ended =
          [&](const orchestrate::TaskReport& report) {
            table.rows.push_back({report.task_id,
                                  std::string(NameOf(report.state)),
                                  int64_t{report.tries},
                                  report.error ? report.error->message() : report.detail});
          }};
  const Result<orchestrate::RunReport> report = RunAndPublish(*instance, *pipeline, run);
  progress.Clear();
  session.Print(table);
  if (!report.ok()) return report.error();
  if (report.value().state == orchestrate::RunState::kFailed) session.exit_code = 1;
  if (report.value().state == orchestrate::RunState::kPartial) session.exit_code = kPartial;
  return Ok();
}

}  // namespace

void AddDagCommands(CLI::App& app, Session& session) {
  CLI::App* dag = app.add_subcommand("dag", "Pipelines: what runs, in what order");
  dag->require_subcommand(1);
  dag->add_subcommand("list", "List the pipelines")->callback([&session] {
    session.action = &ListPipelines;
  });
  auto name = std::make_shared<std::string>();
  CLI::App* show = dag->add_subcommand("show", "Show a pipeline's tasks");
  show->add_option("dag", *name, "As in github_repo")->required();
  show->callback(
      [&session, name] { session.action = [name](Session& s) { return ShowPipeline(s, *name); }; });
  auto date = std::make_shared<std::string>();
  CLI::App* run =
      dag->add_subcommand("run", "Run a pipeline now, or go on with a run that was stopped");
  run->add_option("dag", *name, "As in github_repo")->required();
  run->add_option(
         "--logical-date", *date, "The run's date; the same date again goes on with the same run")
      ->type_name("DATE");
  run->callback([&session, name, date] {
    session.needs_instance = true;
    session.action = [name, date](Session& s) { return RunDag(s, *name, *date); };
  });
}

}  // namespace stargaze::app
