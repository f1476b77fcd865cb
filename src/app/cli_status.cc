// What there is at the moment, and the dashboard in a browser.

#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/command_tree.h"
#include "app/commands.h"
#include "app/dashboard.h"
#include "app/data_folder.h"
#include "app/run_reader.h"
#include "warehouse/published_pointer.h"

namespace stargaze::app {
namespace {

using storage::SqlValue;

SqlValue TextOrNull(const std::string& text) {
  return text.empty() ? SqlValue() : SqlValue(text);
}

// Reads the data folder beside whoever holds it; what only the server knows comes from it.
Status ShowStatus(Session& session) {
  SG_TRY(const std::string home, session.Home());
  SG_TRY(const FolderIdentity identity, DataFolder::ReadIdentity(home));
  SG_TRY(const std::optional<warehouse::Publication> published,
         warehouse::ReadPointer(home + "/published"));
  SG_TRY(const RunReader reader, RunReader::Open(session));
  SG_TRY(std::vector<orchestrate::DagView> dags, reader.DagViews());
  int64_t active_runs = 0;
  for (const orchestrate::DagView& dag : dags) active_runs += dag.active_runs;
  std::erase_if(dags, [](const orchestrate::DagView& dag) { return dag.paused || !dag.next_due; });
  const auto next = std::ranges::min_element(dags, {}, &orchestrate::DagView::next_due);
  const bool is_known = next != dags.end();
  session.Print({.columns = {"server",
                             "data_folder",
                             "sandbox",
                             "day",
                             "published_at",
                             "active_runs",
                             "next_dag",
                             "next_run_at"},
                 .rows = {{TextOrNull(session.environment().served_at),
                           home,
                           identity.sandbox,
                           published && published->day ? SqlValue(*published->day) : SqlValue(),
                           published ? SqlValue(published->published_at) : SqlValue(),
                           active_runs,
                           is_known ? SqlValue(next->dag_id) : SqlValue(),
                           is_known ? SqlValue(*next->next_due) : SqlValue()}}});
  return Ok();
}

}  // namespace

void AddStatusCommands(CLI::App& app, Session& session) {
  CLI::App* status =
      app.add_subcommand("status", "What runs here, how new its data is, and what comes next");
  status->callback([&session] {
    session.needs_instance = true;
    session.reads_beside = true;
    session.action = &ShowStatus;
  });
  auto page = std::make_shared<std::string>("trends");
  CLI::App* open = app.add_subcommand("open", "Open the running dashboard in a browser");
  open->add_option("page", *page, "Which page")
      ->type_name("PAGE")
      ->check(OneOf({"trends", "data", "tables"}))
      ->capture_default_str();
  open->callback([&session, page] {
    session.reach = Reach::kHeeded;
    session.action = [page](Session& s) { return ShowPage(s, *page == "trends" ? "" : *page); };
  });
}

}  // namespace stargaze::app
