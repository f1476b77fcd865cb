#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <memory>
#include <sstream>

#include <CLI/CLI.hpp>

#include "app/command_tree.h"
#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/instance.h"
#include "base/suggest.h"
#include "config/settings_edit.h"
#include "config/settings_files.h"

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

// -c's file where it is given: what is changed is what is read.
Result<std::string> TargetFile(const Session& session, const ConfigOptions& options) {
  const config::SettingsSources sources = session.Sources();
  if (!sources.only_file.empty())
    return config::ResolvedPath(sources.only_file, sources.working_directory, sources);
  if (options.which == "system") return sources.system_file;
  if (options.which == "project") {
    config::SettingsSources project{.working_directory = sources.working_directory,
                                    .system_file = ""};
    const std::vector<std::string> found = config::SettingsFiles(project);
    return found.empty() ? sources.working_directory + "/stargaze.yaml" : found.front();
  }
  config::SettingsSources user{.environment = sources.environment, .system_file = ""};
  const std::vector<std::string> found = config::SettingsFiles(user);
  if (!found.empty()) return found.front();
  return Error(ErrorKind::kInvalidInput, "no settings file of the user: HOME is not set")
      .Remedy("name one with --config");
}

Result<std::string> ReadIfThere(const std::string& file) {
  std::error_code error;
  if (!fs::exists(file, error)) return std::string();
  std::ifstream in(file, std::ios::binary);
  if (!in)
    return Error(ErrorKind::kUnauthorized, "the settings file cannot be read: " + file)
        .Remedy("check its permissions");
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

// Whole or not at all: a new file takes the old one's place.
Status Write(const std::string& file, const std::string& text) {
  std::error_code error;
  // What a link points to is meant, not the link.
  const std::string target =
      fs::is_symlink(file, error) ? fs::canonical(file, error).string() : file;
  fs::create_directories(fs::path(target).parent_path(), error);
  const std::string temporary = target + ".new";
  {
    std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
    out << text;
    out.flush();
    if (!out)
      return Error(ErrorKind::kUnauthorized, "the settings file cannot be written: " + temporary)
          .Remedy("check the folder's permissions, or choose another with --file");
  }
  if (const fs::file_status old = fs::status(target, error); fs::exists(old))
    fs::permissions(temporary, old.permissions(), error);
  fs::rename(temporary, target, error);
  if (error)
    return Error(
        ErrorKind::kUnauthorized,
        fmt::format("the settings file cannot be replaced: {}: {}", target, error.message()));
  return Ok();
}

Status Set(Session& session, const ConfigOptions& options) {
  SG_TRY(const std::string file, TargetFile(session, options));
  SG_TRY(const std::string before, ReadIfThere(file));
  SG_TRY(const std::string after, config::WithSetting(file, before, options.name, options.value));
  if (session.dry_run) {
    session.err() << fmt::format("{} would be set in {}\n", options.name, file);
    return Ok();
  }
  SG_RETURN_IF_ERROR(Write(file, after));
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
    SG_TRY(const std::string text, ReadIfThere(options.file));
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
      ->check(OneOf({"user", "project", "system"}))
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
