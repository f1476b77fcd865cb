#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/command_tree.h"
#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/instance.h"
#include "app/settings_file.h"
#include "base/suggest.h"
#include "config/settings_edit.h"

namespace stargaze::app {
namespace {

namespace fs = std::filesystem;

struct ConfigOptions {
  std::string name{};
  std::string value{};
  std::string file{};
  std::string which = "user";
  bool origin = false;
};

Status Show(Session& session, const ConfigOptions& options) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  TableOutput table{.columns = {"setting", "value", "origin", "help"}, .more = {"help"}};
  if (!options.origin) table.more.emplace_back("origin");
  for (const config::ShownSetting& shown : settings->All())
    table.rows.push_back({shown.name, shown.value, shown.origin, shown.help});
  session.Print(table);
  if (session.wants_notes()) {
    for (const std::string& file : settings->files()) session.err() << "read " << file << "\n";
  }
  return Ok();
}

Status Get(Session& session, const ConfigOptions& options) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  std::vector<std::string> names;
  for (const config::ShownSetting& shown : settings->All()) {
    names.push_back(shown.name);
    if (shown.name != options.name) continue;
    session.Print({.columns = {"value", "setting", "origin"},
                   .rows = {{shown.value, shown.name, shown.origin}},
                   .more = {"setting", "origin"}});
    return Ok();
  }
  return Error(ErrorKind::kNotFound,
               fmt::format(
                   "no setting is called '{}'{}", options.name, DidYouMean(options.name, names)))
      .Remedy("stargaze config show lists them");
}

Status Set(Session& session, const ConfigOptions& options) {
  SG_TRY(const std::string file, SettingsTarget(session, options.which));
  SG_TRY(const std::string before, ReadSettingsFile(file));
  SG_TRY(const std::string after, config::WithSetting(file, before, options.name, options.value));
  if (session.dry_run) {
    session.err() << fmt::format("{} would be set in {}\n", options.name, file);
    return Ok();
  }
  SG_RETURN_IF_ERROR(WriteSettingsFile(file, after));
  session.err() << fmt::format("{} is set in {}\n", options.name, file);
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  const std::string& origin = settings->Origin(options.name);
  if (!origin.starts_with(file))
    session.err() << fmt::format("warning: {} weighs more and keeps its own value\n", origin);
  return Ok();
}

// One file's form, or everything that would be read, with the pipelines and datasets it names.
Status Validate(Session& session, const ConfigOptions& options) {
  Status found = Ok();
  std::vector<std::string> files{options.file};
  if (!options.file.empty()) {
    std::error_code error;
    if (!fs::exists(options.file, error))
      return Error(ErrorKind::kNotFound, "there is no such file: " + options.file)
          .Remedy("stargaze config validate without a file checks what is read");
    SG_TRY(const std::string text, ReadSettingsFile(options.file));
    found = config::CheckSettingsText(options.file, text);
  } else {
    const Result<const config::Settings*> settings = session.LoadSettings();
    files = settings.ok() ? settings.value()->files() : std::vector<std::string>();
    if (!settings.ok()) found = settings.error();
    if (found.ok()) {
      const Result<Declarations> declarations = ReadDeclarations(*settings.value());
      if (!declarations.ok()) found = declarations.error();
    }
  }
  if (!found.ok()) {
    session.findings() << found.error().message() << "\n";
    session.exit_code = kCheckFailedCode;
    return Ok();
  }
  if (files.empty()) session.err() << "there is no settings file; everything is at its default\n";
  for (const std::string& file : files) session.err() << file << " is fine\n";
  return Ok();
}

}  // namespace

void AddConfigCommands(CLI::App& app, Session& session) {
  auto options = std::make_shared<ConfigOptions>();
  const auto run = [&session, options](Status (*command)(Session&, const ConfigOptions&)) {
    return [&session, options, command] {
      session.action = [options, command](Session& s) { return command(s, *options); };
    };
  };
  CLI::App* config = app.add_subcommand("config", "Settings: what holds, and where it comes from");
  config->require_subcommand(1);
  CLI::App* show = config->add_subcommand("show", "Show every setting; secrets are masked");
  show->add_flag("--origin", options->origin, "With the file and line, variable or flag of each");
  show->callback(run(&Show));
  CLI::App* get = config->add_subcommand("get", "Print one setting");
  get->add_option("setting", options->name, "As in duckdb.threads")->required();
  get->callback(run(&Get));
  CLI::App* set = config->add_subcommand("set", "Set one in a settings file, which keeps its form");
  set->add_option("setting", options->name, "As in duckdb.threads")->required();
  set->add_option("value", options->value, "Its value; lists are separated by colons")->required();
  set->add_option("--file", options->which, "Whose file; --config names another")
      ->type_name("WHOSE")
      ->check(OneOf(SettingsOwners()))
      ->capture_default_str();
  AddDryRunFlag(*set, session);
  set->callback(run(&Set));
  CLI::App* validate = config->add_subcommand("validate", "Check what is read, or one file");
  validate->add_option("file", options->file, "A settings file")->type_name("FILE");
  validate->callback(run(&Validate));
  config->add_subcommand("schema", "Print the JSON Schema of a settings file")
      ->callback([&session] {
        session.action = [](Session& s) -> Status {
          s.out() << config::SettingsJsonSchema() << "\n";
          return Ok();
        };
      });
}

}  // namespace stargaze::app
