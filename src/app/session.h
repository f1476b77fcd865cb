// One command's run: its flags, its settings, its output, and the data folder once it asks for it.

#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/cli.h"
#include "app/command_tree.h"
#include "app/log_lines.h"
#include "app/progress.h"
#include "base/virtual_clock.h"
#include "config/settings.h"

namespace stargaze::app {

// Which commands a server takes that --server names.
enum class Reach {
  kHere,    // None: it is about this machine. The default, but for commands that need an instance.
  kServer,  // What it reads the server has too.
  kHeeded,  // The command asks the server itself.
};

class Session {
 public:
  Session(const CliEnvironment& environment,
          std::ostream& out,
          std::ostream& err,
          LogFormat log_format = LogFormat::kText)
      : environment_(environment), out_(out), raw_err_(err), log_format_(log_format), lines_(err) {}
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // Bound to global flags by the parser.
  std::string home_flag{};
  std::string config_flag{};
  std::string listen_flag{};
  std::vector<std::string> catalog_flags{};
  std::string json_fields{};  // "true" without fields.
  std::string format_flag{};
  std::string columns_flag{};
  std::string sort_flag{};
  std::string zone_flag{};
  std::string color_flag = "auto";
  std::string progress_flag = "auto";
  std::string timeout_flag{};
  std::string server_flag{};
  std::string log_format_flag = "text";  // The parser's check; the session was made with it.
  bool no_header = false;
  bool no_pager = false;
  bool quiet = false;
  bool verbose = false;
  bool no_input = false;
  bool dry_run = false;  // Of commands that change something.

  // Set by the command that was chosen; run once parsing is done.
  std::function<Status(Session&)> action{};
  bool needs_instance = false;  // Is asked of the server that holds the data folder, if one does.
  bool reads_beside = false;  // If that server does not answer, it reads by itself: see RunReader.
  bool needs_commands = false;  // Describes the parser's tree.
  Reach reach = Reach::kHere;   // Beyond what needs_instance says.
  bool limits_itself = false;   // Heeds time_limit, and knows better what took so long.
  int exit_code = 0;  // Of a command that ran through: 0, 7 (a check failed), 8 (partial).

  const CliEnvironment& environment() const { return environment_; }
  std::ostream& out() { return out_; }
  // Notes and warnings, which --quiet swallows.
  std::ostream& err() { return quiet ? nowhere_ : findings(); }
  // What a command was asked to find: said in any case.
  std::ostream& findings() { return log_format_ == LogFormat::kJson ? lines_ : raw_err_; }
  // For what is in its final form already: progress, and what another process has said.
  std::ostream& raw_err() { return raw_err_; }
  void PrintError(const Error& error);
  // What --verbose adds.
  void Detail(const std::string& text);
  OutputOptions output() const;
  // Whether people read the output: notes beside the data are for them.
  bool wants_notes() const { return json_fields.empty() && !quiet; }
  ProgressOptions progress() const;
  bool color_on_err() const;
  // What goes wrong (an unknown column) becomes the command's error once it has run through.
  void Print(const TableOutput& table);
  // Through the person's pager where a terminal is too low for it.
  void PrintText(const std::string& text);
  const Status& printed() const { return printed_; }
  // The parser's tree, for commands that describe it.
  const Command& commands() const { return commands_; }
  void set_commands(Command commands) { commands_ = std::move(commands); }

  // How a server that runs the command for this process is to go about it, as flags.
  std::vector<std::string> ConductFlags() const;

  // Reads the flags whose values the parser cannot check; before anything else.
  Status ReadFlags();
  std::optional<std::chrono::seconds> time_limit() const { return time_limit_; }

  // Reads the settings once: flags over environment over files. `more` weigh more than files and
  // less than flags; with them it reads again, and an earlier pointer ends.
  config::SettingsSources Sources(const std::vector<config::SettingsFlag>& more = {}) const;
  Result<const config::Settings*> LoadSettings(const std::vector<config::SettingsFlag>& more = {});

  // The data folder's path: that of the server that runs the command, else what the settings say.
  Result<std::string> Home();
  // What is declared: to that server when it began, else by the files that the settings name.
  Result<Declarations> Declared();
  // The data folder, opened at the first call; the attached server's where there is one.
  Result<Instance*> OpenInstance();
  // The same for what uses its stores: on a server one command at a time, to the command's end.
  Result<Instance*> OpenStores();

 private:
  const CliEnvironment& environment_;
  std::ostream& out_;
  std::ostream& raw_err_;
  LogFormat log_format_;
  JsonLines lines_;
  std::ostream nowhere_{nullptr};
  std::optional<orchestrate::Zone> zone_{};
  std::string zone_name_{};
  std::unique_lock<std::mutex> turn_{};
  std::optional<std::chrono::seconds> time_limit_{};
  Status printed_ = Ok();
  Command commands_{};
  std::unique_ptr<config::Settings> settings_;
  std::unique_ptr<Clock> clock_;
  std::unique_ptr<Instance> instance_;
};

// $XDG_DATA_HOME or ~/.local/share, with `name` in it.
std::string DefaultHome(const CliEnvironment& environment, const std::string& name);

}  // namespace stargaze::app
