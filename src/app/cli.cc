#include "app/cli.h"

#include <fmt/core.h>

#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/forward.h"
#include "app/session.h"
#include "base/suggest.h"
#include "base/version.h"
#include "storage/duckdb.h"

namespace stargaze::app {
namespace {

constexpr int kUsage = 2;

void AddGlobalFlags(CLI::App& app, Session& session) {
  app.add_option("--home", session.home_flag, "Data folder")->type_name("DIR");
  app.add_option(
         "-c,--config", session.config_flag, "Settings file, read instead of the usual ones")
      ->type_name("FILE");
  app.add_option("--catalog", session.catalog_flags, "Folder with further declarations")
      ->type_name("DIR");
  app.add_flag("--json", session.json, "Print JSON");
}

void AddVersion(CLI::App& app, Session& session) {
  app.add_subcommand("version", "Print the version")->callback([&session] {
    session.action = [](Session& s) -> Status {
      s.Print({.columns = {"stargaze", "duckdb"},
               .rows = {{std::string(kVersion), storage::DuckDb::LibraryVersion()}}});
      return Ok();
    };
  });
}

// "unknown command 'catalgo', did you mean 'catalog'?"
std::string Describe(const CLI::App& app,
                     const CLI::ParseError& error,
                     const std::vector<std::string>& arguments) {
  std::vector<std::string> names;
  const CLI::App* at = &app;
  bool is_value = false;  // Of the flag before it.
  for (const std::string& argument : arguments) {
    if (std::exchange(is_value,
                      argument == "--home" || argument == "-c" || argument == "--config" ||
                          argument == "--catalog"))
      continue;
    if (argument.starts_with('-')) continue;
    names.clear();
    const CLI::App* next = nullptr;
    for (const CLI::App* command : at->get_subcommands([](const CLI::App*) { return true; })) {
      names.push_back(command->get_name());
      if (names.back() == argument) next = command;
    }
    if (next == nullptr) {
      if (names.empty()) break;
      return fmt::format("unknown command '{}'{}", argument, DidYouMean(argument, names));
    }
    at = next;
  }
  return error.what();
}

// The folder's server does it when there is one: two processes must not open the stores.
int RunAction(Session& session, const std::vector<std::string>& arguments, std::ostream& err) {
  Status done = Ok();
  if (session.needs_instance && session.environment().attached == nullptr) {
    const Result<std::optional<int>> forwarded = ForwardToServer(session, arguments);
    if (forwarded.ok() && forwarded.value()) return *forwarded.value();
    if (!forwarded.ok()) done = forwarded.error();
  }
  if (done.ok()) done = session.action(session);
  if (done.ok()) return session.exit_code;
  PrintError(err, done.error());
  return TraitsOf(done.error().kind()).exit_code;
}

}  // namespace

int RunCli(const std::vector<std::string>& arguments,
           const CliEnvironment& environment,
           std::ostream& out,
           std::ostream& err) {
  CLI::App app(
      "Stargaze: what is rising in open source, and whether what you rely on is still cared for.",
      "stargaze");
  app.require_subcommand(0, 1);
  app.fallthrough();
  app.footer("Exit codes and errors: docs/cli.md. Start with: stargaze demo");
  Session session(environment, out, err);
  AddGlobalFlags(app, session);
  AddServerCommands(app, session);
  AddCatalogCommands(app, session);
  AddBudgetCommands(app, session);
  AddDagCommands(app, session);
  AddRepoCommands(app, session);
  AddLakeCommands(app, session);
  AddWarehouseCommands(app, session);
  AddVersion(app, session);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    const CLI::App* at = &app;
    for (auto chosen = at->get_subcommands(); !chosen.empty(); chosen = at->get_subcommands())
      at = chosen.front();
    out << at->help();
    return 0;
  } catch (const CLI::ParseError& error) {
    PrintError(err,
               Error(ErrorKind::kInvalidInput, Describe(app, error, arguments))
                   .Remedy("stargaze --help lists the commands"));
    return kUsage;
  }
  if (!session.action) {
    out << app.help();
    return 0;
  }
  return RunAction(session, arguments, err);
}

}  // namespace stargaze::app
