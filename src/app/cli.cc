#include "app/cli.h"

#include <fmt/core.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include <CLI/CLI.hpp>

#include "app/command_tree.h"
#include "app/commands.h"
#include "app/forward.h"
#include "app/help_text.h"
#include "app/session.h"
#include "app/status_line.h"
#include "app/time_limit.h"
#include "base/suggest.h"
#include "base/version.h"

namespace stargaze::app {
namespace {

void AddGlobalFlags(CLI::App& app, Session& session) {
  app.add_option("--home", session.home_flag, "Data folder")->type_name("DIR")->check(Something());
  app.add_option(
         "-c,--config", session.config_flag, "Settings file, read instead of the usual ones")
      ->type_name("FILE")
      ->check(Something());
  app.add_option("--server", session.server_flag, "Ask this server instead: https://host")
      ->type_name("URL")
      ->check(Something());
  app.add_option("--catalog", session.catalog_flags, "Folder with further declarations")
      ->type_name("DIR");
  app.add_option("--format", session.format_flag, "How data is printed")
      ->type_name("FORMAT")
      ->check(OneOf(OutputFormatNames()));
  app.add_flag("--json", session.json_fields, "JSON, all fields or these; --json=? lists them")
      ->option_text("FIELDS");
  app.add_option("--columns", session.columns_flag, "These columns, in this order")
      ->type_name("LIST");
  app.add_flag("--no-header", session.no_header, "No line with the columns' names");
  app.add_option("--sort", session.sort_flag, "Rows in this order: COLUMN, or COLUMN:desc")
      ->type_name("COLUMN");
  app.add_option("--tz", session.zone_flag, "Time zone of instants, as in Asia/Seoul; or local")
      ->type_name("ZONE");
  app.add_option("--color", session.color_flag, "Colours")
      ->type_name("WHEN")
      ->check(OneOf({"auto", "always", "never"}))
      ->capture_default_str();
  app.add_flag("--no-pager", session.no_pager, "Print long output as it is, also at a terminal");
}

// How a command goes about it, and what it says meanwhile.
void AddConductFlags(CLI::App& app, Session& session) {
  app.add_option("--progress", session.progress_flag, "How progress is shown")
      ->type_name("FORM")
      ->check(OneOf(ProgressModeNames()))
      ->capture_default_str();
  app.add_option("--log-format", session.log_format_flag, "How notes and errors are written")
      ->type_name("FORM")
      ->check(OneOf(LogFormatNames()))
      ->capture_default_str();
  app.add_flag("--no-input", session.no_input, "Never ask; fail where an answer is needed");
  app.add_flag("-q,--quiet", session.quiet, "Only data and errors: no notes, warnings, progress");
  app.add_flag("-v,--verbose", session.verbose, "Say also what is read, asked and waited for");
  app.add_option("--timeout", session.timeout_flag, "Give up after this, as in 90s or 5m")
      ->type_name("TIME");
  app.set_version_flag("--version", fmt::format("stargaze {}", kVersion), "Print the version");
}

bool TakesNext(const CLI::App& app, const std::string& flag) {
  const CLI::Option* option = app.get_option_no_throw(flag);
  return option != nullptr && option->get_items_expected_min() > 0;
}

// Beside the commands below it.
bool TakesArguments(const CLI::App& app) {
  return !app.get_options([](const CLI::Option* option) { return option->get_positional(); })
              .empty();
}

std::vector<std::string> FlagsOf(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    std::istringstream in(option->get_name(false, true));
    for (std::string name; std::getline(in, name, ',');) names.push_back(name);
  }
  return names;
}

struct Chosen {
  const CLI::App* app = nullptr;
  std::string path{};
  std::string unknown{};  // A word where a command was due.
};

// How far the words go: CLI11 says only which were too many.
Chosen FindChosen(const CLI::App& root, const std::vector<std::string>& arguments) {
  Chosen chosen{.app = &root, .path = root.get_name()};
  bool is_value = false;  // Of the flag before it.
  for (const std::string& argument : arguments) {
    if (std::exchange(is_value, TakesNext(root, argument) || TakesNext(*chosen.app, argument)) ||
        argument.starts_with('-'))
      continue;
    const auto below = chosen.app->get_subcommands(
        [&](const CLI::App* command) { return command->get_name() == argument; });
    if (!below.empty()) {
      chosen.app = below.front();
      chosen.path += " " + argument;
    } else if (!chosen.app->get_subcommands([](const CLI::App*) { return true; }).empty() &&
               !TakesArguments(*chosen.app)) {
      chosen.unknown = argument;
      return chosen;
    }
  }
  return chosen;
}

Error Refusal(const Chosen& chosen, std::string what) {
  return Error(ErrorKind::kInvalidInput, std::move(what)).Remedy(chosen.path + " --help");
}

// "unknown command 'catalgo', did you mean 'catalog'?"
Error UnknownCommand(const Chosen& chosen) {
  std::vector<std::string> names;
  for (const CLI::App* command :
       chosen.app->get_subcommands([](const CLI::App* app) { return !app->get_group().empty(); }))
    names.push_back(command->get_name());
  return Refusal(chosen,
                 fmt::format("unknown command '{} {}'{}",
                             chosen.path,
                             chosen.unknown,
                             DidYouMean(chosen.unknown, names)));
}

Error Describe(const CLI::App& root,
               const CLI::ParseError& error,
               const std::vector<std::string>& arguments) {
  const Chosen chosen = FindChosen(root, arguments);
  if (!chosen.unknown.empty()) return UnknownCommand(chosen);
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError)) {
    std::vector<std::string> known = FlagsOf(*chosen.app);
    for (const std::string& flag : FlagsOf(root)) known.push_back(flag);
    for (const std::string& argument : arguments) {
      const std::string flag = argument.substr(0, argument.find('='));
      if (!flag.starts_with('-') || std::find(known.begin(), known.end(), flag) != known.end())
        continue;
      return Refusal(
          chosen,
          fmt::format("unknown flag '{}' of {}{}", flag, chosen.path, DidYouMean(flag, known)));
    }
  }
  if (error.get_name() == "RequiredError" && chosen.app->get_require_subcommand_min() > 0)
    return Refusal(chosen, chosen.path + " needs a command");
  const std::string what = error.what();
  if (error.get_exit_code() == static_cast<int>(CLI::ExitCodes::ArgumentMismatch))
    return Refusal(chosen, chosen.path + ": " + what.substr(0, what.find(':')) + " needs a value");
  return Refusal(chosen, chosen.path + ": " + what);
}

// Fails where the words name no command: help for another one would not be what was asked for.
Status PrintHelp(const CLI::App& root,
                 const std::vector<std::string>& arguments,
                 Session& session) {
  const Chosen chosen_words = FindChosen(root, arguments);
  if (!chosen_words.unknown.empty()) return UnknownCommand(chosen_words);
  const Command tree = DescribeCommands(root);
  std::vector<std::string> words;
  for (auto chosen = root.get_subcommands(); !chosen.empty();
       chosen = chosen.front()->get_subcommands())
    words.push_back(chosen.front()->get_name());
  const Command* command = FindCommand(tree, words);
  const bool is_long =
      std::find(arguments.begin(), arguments.end(), "-h") == arguments.end() || words.empty();
  session.PrintText(HelpText(tree,
                             command == nullptr ? tree : *command,
                             is_long ? HelpLength::kLong : HelpLength::kShort));
  return Ok();
}

int Failed(Session& session, const Error& error) {
  session.PrintError(error);
  return TraitsOf(error.kind()).exit_code;
}

// What a command may not be given on the side where it runs.
Status CheckPlace(const Session& session) {
  const bool is_attached = session.environment().attached != nullptr;
  const bool is_remote = !session.server_flag.empty();
  const bool names_place = !session.home_flag.empty() || !session.catalog_flags.empty();
  if (is_attached && (is_remote || names_place || !session.config_flag.empty()))
    return Error(ErrorKind::kInvalidInput, "a server has its own folder, settings and catalog")
        .Remedy("leave --home, --config, --catalog and --server out");
  if (is_remote && names_place)
    return Error(ErrorKind::kInvalidInput, "--home and --catalog are this machine's")
        .Remedy("leave them out, or --server");
  if (session.needs_instance || session.reach != Reach::kHere || (!is_remote && !is_attached))
    return Ok();
  return Error(ErrorKind::kInvalidInput, "no server does this for others: it is about a machine")
      .Remedy("give it on the machine that it is about");
}

// The folder's server does it when there is one: two processes must not open the stores.
int RunAction(Session& session, const std::vector<std::string>& arguments, TimeLimit& limit) {
  const bool is_remote = !session.server_flag.empty();
  const bool is_asked = session.environment().attached == nullptr &&
                        (session.needs_instance || (is_remote && session.reach == Reach::kServer));
  if (session.time_limit() && (is_asked || !session.limits_itself))
    limit.Begin(*session.time_limit());
  Status done = CheckPlace(session);
  if (done.ok() && is_asked) {
    const Result<std::optional<int>> forwarded = ForwardToServer(session, arguments);
    if (forwarded.ok() && forwarded.value()) return *forwarded.value();
    if (!forwarded.ok() && (is_remote || !session.reads_beside)) done = forwarded.error();
  }
  if (done.ok()) done = session.action(session);
  if (done.ok()) done = session.printed();
  if (done.ok()) return session.exit_code;
  if (limit.passed())
    done = Error(ErrorKind::kTimeout,
                 fmt::format("not done within {} s: it was stopped", session.time_limit()->count()))
               .Remedy("give it longer: --timeout TIME");
  return Failed(session, done.error());
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
  app.set_help_flag("-h,--help", "Explain it; -h more briefly");
  app.fallthrough();
  TimeLimit limit(environment.stop);
  CliEnvironment limited = environment;
  limited.stop = limit.token();
  Session session(limited, out, err, LogFormatOf(arguments));
  AddGlobalFlags(app, session);
  AddConductFlags(app, session);
  for (const AddCommands add : AllCommands()) add(app, session);
  try {
    std::vector<std::string> reversed(arguments.rbegin(), arguments.rend());
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    const Status printed = PrintHelp(app, arguments, session);
    return printed.ok() ? 0 : Failed(session, printed.error());
  } catch (const CLI::CallForVersion& version) {
    out << version.what() << "\n";
    return 0;
  } catch (const CLI::ParseError& error) {
    return Failed(session, Describe(app, error, arguments));
  }
  if (!session.action) {
    (void)PrintHelp(app, arguments, session);  // Without a word none is wrong.
    if (session.server_flag.empty()) session.PrintText("\n" + StatusLine(session) + "\n");
    return 0;
  }
  if (const Status flags = session.ReadFlags(); !flags.ok()) return Failed(session, flags.error());
  if (session.needs_commands) session.set_commands(DescribeCommands(app));
  return RunAction(session, arguments, limit);
}

}  // namespace stargaze::app
