#include <fmt/core.h>

#include <filesystem>
#include <fstream>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/command_tree.h"
#include "app/commands.h"
#include "app/completion.h"
#include "app/help_text.h"
#include "app/manual.h"
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
  session.PrintText(HelpText(session.commands(), *command, HelpLength::kLong));
  return Ok();
}

Status Completion(Session& session, const std::string& shell) {
  const Command& root = session.commands();
  session.out() << (shell == "bash"  ? BashCompletion(root)
                    : shell == "zsh" ? ZshCompletion(root)
                                     : FishCompletion(root));
  return Ok();
}

// One file per command below `folder`.
Status WriteManual(const Command& root, const Command& command, const std::string& folder) {
  const std::string path = folder + "/" + ManualName(command) + ".1";
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << ManualPage(root, command);
  file.flush();
  if (!file)
    return Error(ErrorKind::kUnauthorized, "the page cannot be written: " + path)
        .Remedy("check the folder and its permissions");
  for (const Command& below : command.commands)
    SG_RETURN_IF_ERROR(WriteManual(root, below, folder));
  return Ok();
}

struct ManOptions {
  std::vector<std::string> words{};
  std::string folder{};
  bool markdown = false;
};

Status Man(Session& session, const ManOptions& options) {
  const Command& root = session.commands();
  if (options.markdown) {
    session.out() << MarkdownReference(root);
    return Ok();
  }
  if (!options.folder.empty()) {
    std::error_code error;
    std::filesystem::create_directories(options.folder, error);
    return WriteManual(root, root, options.folder);
  }
  SG_TRY(const Command* command, Find(session, options.words));
  session.out() << ManualPage(root, *command);
  return Ok();
}

void AddCompletion(CLI::App& app, Session& session) {
  auto shell = std::make_shared<std::string>();
  CLI::App* completion = app.add_subcommand("completion", "Print a shell's completion script");
  completion->add_option("shell", *shell, "For which shell")
      ->required()
      ->type_name("SHELL")
      ->check(OneOf({"bash", "zsh", "fish"}));
  completion->callback([&session, shell] {
    session.needs_commands = true;
    session.action = [shell](Session& s) { return Completion(s, *shell); };
  });
}

void AddMan(CLI::App& app, Session& session) {
  auto options = std::make_shared<ManOptions>();
  CLI::App* man = app.add_subcommand("man", "Print a command's man page, or write all of them");
  man->add_option("command", options->words, "As in repo add");
  man->add_option("--all", options->folder, "Write the pages of all commands into this folder")
      ->type_name("DIR");
  man->add_flag("--markdown", options->markdown, "Print the reference of docs/cli.md");
  man->callback([&session, options] {
    session.needs_commands = true;
    session.action = [options](Session& s) { return Man(s, *options); };
  });
}

Status Version(Session& session) {
  SG_TRY(const std::string duckdb, storage::DuckDb::LibraryVersion());
  session.Print({.columns = {"stargaze", "duckdb"}, .rows = {{std::string(kVersion), duckdb}}});
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
  AddCompletion(app, session);
  AddMan(app, session);
  app.add_subcommand("version", "Print the version")->callback([&session] {
    session.action = &Version;
  });
}

}  // namespace stargaze::app
