#include <fmt/core.h>

#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/instance.h"
#include "base/suggest.h"
#include "config/catalog.h"
#include "config/dataset_schema.h"

namespace stargaze::app {
namespace {

Status ListDatasets(Session& session) {
  SG_TRY(const Declarations declarations, session.Declared());
  TableOutput table{.columns = {"dataset", "dag", "requests", "tables", "summary"}};
  for (const model::Dataset& dataset : declarations.catalog.datasets) {
    std::string tables;
    for (const model::Table& t : dataset.tables) tables += (tables.empty() ? "" : ", ") + t.name;
    table.rows.push_back({dataset.name,
                          dataset.dag,
                          static_cast<int64_t>(dataset.requests.size()),
                          tables,
                          dataset.summary});
  }
  session.Print(table);
  return Ok();
}

Status ShowDataset(Session& session, const std::string& name) {
  SG_TRY(const Declarations declarations, session.Declared());
  const model::Dataset* dataset = declarations.catalog.FindDataset(name);
  if (dataset == nullptr) {
    std::vector<std::string> names;
    for (const model::Dataset& known : declarations.catalog.datasets) names.push_back(known.name);
    return Error(ErrorKind::kNotFound,
                 fmt::format("no dataset is called '{}'{}", name, DidYouMean(name, names)))
        .Remedy("stargaze catalog list");
  }
  TableOutput table{
      .columns = {
          "table", "kind", "column", "type", "key", "required", "person", "path", "description"}};
  for (const model::Table& t : dataset->tables) {
    for (const model::Column& c : t.columns) {
      const bool is_key = std::find(t.key.begin(), t.key.end(), c.name) != t.key.end();
      table.rows.push_back({t.name,
                            std::string(NameOf(t.kind)),
                            c.name,
                            std::string(NameOf(c.type)),
                            is_key,
                            c.required,
                            c.person,
                            c.path.ToString(),
                            c.description});
    }
  }
  session.Print(table);
  return Ok();
}

// Every problem with its line goes to the error stream; 7 when there is one.
Status CheckCatalog(Session& session) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  const Result<Declarations> declarations = ReadDeclarations(*settings);
  if (!declarations.ok()) {
    session.findings() << declarations.error().message() << "\n";
    session.exit_code = kCheckFailedCode;
    return Ok();
  }
  for (const config::FileProblem& problem : declarations.value().problems) {
    session.findings() << problem.error.message() << "\n";
    session.exit_code = kCheckFailedCode;
  }
  if (session.exit_code != 0) return Ok();
  session.err() << fmt::format("{} datasets and {} pipelines are well declared\n",
                               declarations.value().catalog.datasets.size(),
                               declarations.value().dags.size());
  return Ok();
}

}  // namespace

void AddCatalogCommands(CLI::App& app, Session& session) {
  CLI::App* catalog = app.add_subcommand("catalog", "What is collected: the declared datasets");
  catalog->require_subcommand(1);
  catalog->add_subcommand("list", "List the datasets")->callback([&session] {
    session.reach = Reach::kServer;
    session.action = &ListDatasets;
  });
  auto name = std::make_shared<std::string>();
  CLI::App* show = catalog->add_subcommand("show", "Show a dataset's tables and columns");
  show->add_option("dataset", *name, "As in github/repository")->required();
  show->callback([&session, name] {
    session.reach = Reach::kServer;
    session.action = [name](Session& s) { return ShowDataset(s, *name); };
  });
  catalog->add_subcommand("check", "Check all declarations and pipelines")->callback([&session] {
    session.action = &CheckCatalog;
  });
  catalog->add_subcommand("schema", "Print the JSON Schema of a declaration")->callback([&session] {
    session.action = [](Session& s) -> Status {
      s.out() << config::DatasetJsonSchema() << "\n";
      return Ok();
    };
  });
}

}  // namespace stargaze::app
