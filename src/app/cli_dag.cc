#include <fmt/core.h>

#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/run_now.h"
#include "app/run_tables.h"
#include "base/suggest.h"

namespace stargaze::app {
namespace {

Result<const model::Dag*> Find(const Declarations& declarations, const std::string& dag_id) {
  if (const model::Dag* pipeline = declarations.FindDag(dag_id)) return pipeline;
  std::vector<std::string> names;
  for (const model::Dag& pipeline : declarations.dags) names.push_back(pipeline.dag_id);
  return Error(ErrorKind::kNotFound,
               fmt::format("no pipeline is called '{}'{}", dag_id, DidYouMean(dag_id, names)))
      .Remedy("stargaze dag list");
}

Status ListPipelines(Session& session) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  SG_TRY(const Declarations declarations, ReadDeclarations(*settings));
  TableOutput table{.columns = {"dag", "schedule_utc", "tasks", "summary"}};
  for (const model::Dag& pipeline : declarations.dags) {
    table.rows.push_back({pipeline.dag_id,
                          pipeline.schedule.text,
                          static_cast<int64_t>(pipeline.tasks.size()),
                          pipeline.summary});
  }
  session.Print(table);
  return Ok();
}

Status ShowPipeline(Session& session, const std::string& dag_id) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  SG_TRY(const Declarations declarations, ReadDeclarations(*settings));
  SG_TRY(const model::Dag* pipeline, Find(declarations, dag_id));
  TableOutput table{.columns = {"task", "uses", "with", "after", "retries"}};
  for (const model::DagTask& task : pipeline->tasks) {
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

Status RunDag(Session& session, const std::string& dag_id, const std::string& date) {
  RunWish wish{.dag_id = dag_id};
  if (!date.empty()) {
    SG_TRY(wish.logical_date, ParseDate(date, "--logical-date"));
  }
  return RunNow(session, wish);
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
