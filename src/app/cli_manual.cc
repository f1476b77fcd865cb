#include <fmt/core.h>

#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/help_text.h"
#include "base/suggest.h"
#include "base/version.h"
#include "storage/duckdb.h"

namespace stargaze::app {
namespace {

Result<const Command*> Find(const Session& session, const std::vector<std::string>& words) {
  if (const Command* found = FindCommand(session.commands(), words)) return found;
  std::vector<std::string> above = words;
  above.pop_back();
  std::vector<std::string> names;
  const Command* parent = FindCommand(session.commands(), above);
  if (parent != nullptr) {
    for (const Command& command : parent->commands) names.push_back(command.name);
  }
  std::string path;
  for (const std::string& word : words) path += " " + word;
  return Error(ErrorKind::kNotFound,
               fmt::format(
                   "no command is called 'stargaze{}'{}", path, DidYouMean(words.back(), names)))
      .Remedy("stargaze --help lists the commands");
}

Status Help(Session& session, const std::vector<std::string>& words) {
  if (words == std::vector<std::string>{"exit-codes"}) {
    session.out() << "Exit codes:\n" << ExitCodeText();
    return Ok();
  }
  SG_TRY(const Command* command, Find(session, words));
  session.out() << HelpText(session.commands(), *command, HelpLength::kLong);
  return Ok();
}

Status Version(Session& session) {
  session.Print({.columns = {"stargaze", "duckdb"},
                 .rows = {{std::string(kVersion), storage::DuckDb::LibraryVersion()}}});
  return Ok();
}

}  // namespace

void AddManualCommands(CLI::App& app, Session& session) {
  auto words = std::make_shared<std::vector<std::string>>();
  CLI::App* help = app.add_subcommand("help", "Explain a command, or exit-codes");
  help->add_option("command", *words, "As in repo add");
  help->callback([&session, words] {
    session.needs_commands = true;
    session.action = [words](Session& s) { return Help(s, *words); };
  });
  app.add_subcommand("version", "Print the version")->callback([&session] {
    session.action = &Version;
  });
}

}  // namespace stargaze::app
