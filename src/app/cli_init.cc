// The first command of a new installation.

#include <fmt/core.h>

#include <memory>

#include <CLI/CLI.hpp>

#include "app/command_tree.h"
#include "app/commands.h"
#include "app/settings_file.h"
#include "config/settings_template.h"

namespace stargaze::app {
namespace {

Status Init(Session& session, const std::string& owner) {
  SG_TRY(const std::string file, SettingsTarget(session, owner));
  SG_TRY(const std::string before, ReadSettingsFile(file));
  const bool is_there = !before.empty();
  if (session.dry_run) {
    session.err() << fmt::format("{} would be {}\n", file, is_there ? "left as it is" : "written");
    return Ok();
  }
  if (!is_there) SG_RETURN_IF_ERROR(WriteSettingsFile(file, config::SettingsTemplate()));
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  session.Print({.columns = {"settings_file", "written", "data_folder", "listen"},
                 .rows = {{file, !is_there, settings->Text("home"), settings->Text("listen")}}});
  session.err() << (is_there ? "the settings file was there already and is left as it is\n"
                             : "every setting in the file is at its default\n")
                << "next: stargaze auth token add · stargaze repo add OWNER/NAME · stargaze up\n";
  return Ok();
}

}  // namespace

void AddInitCommand(CLI::App& app, Session& session) {
  auto owner = std::make_shared<std::string>("user");
  CLI::App* init = app.add_subcommand("init", "Write a settings file to begin with");
  init->add_option("--file", *owner, "Whose file; --config names another")
      ->type_name("WHOSE")
      ->check(OneOf(SettingsOwners()))
      ->capture_default_str();
  AddDryRunFlag(*init, session);
  init->callback(
      [&session, owner] { session.action = [owner](Session& s) { return Init(s, *owner); }; });
}

}  // namespace stargaze::app
