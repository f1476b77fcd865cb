#include "app/session.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <sstream>

#include "app/comma_list.h"
#include "app/pager.h"
#include "config/duration.h"
#include "warehouse/published_pointer.h"

namespace stargaze::app {
namespace {

// A sandbox's time stands where its last publication left it: ours has nothing to do with it.
Result<std::unique_ptr<Clock>> ClockFor(const FolderIdentity& identity, const std::string& home) {
  if (!identity.sandbox) return std::unique_ptr<Clock>(std::make_unique<SystemClock>());
  SG_TRY(const auto publication, warehouse::ReadPointer(home + "/published"));
  const Instant now = publication ? publication->published_at : Instant();
  return std::unique_ptr<Clock>(std::make_unique<VirtualClock>(now));
}

std::string VariableOf(const CliEnvironment& environment, const char* name) {
  const auto found = environment.variables.find(name);
  return found == environment.variables.end() ? std::string() : found->second;
}

// The machine's own zone: TZ, or what /etc/localtime points to.
std::string LocalZoneName(const CliEnvironment& environment) {
  const std::string named = VariableOf(environment, "TZ");
  if (!named.empty()) return named.starts_with(':') ? named.substr(1) : named;
  std::error_code error;
  const std::string file = std::filesystem::read_symlink("/etc/localtime", error).string();
  constexpr std::string_view kFolder = "zoneinfo/";
  const std::size_t at = file.find(kFolder);
  return at == std::string::npos ? "UTC" : file.substr(at + kFolder.size());
}

bool ShowsUtf8(const CliEnvironment& environment) {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const std::string locale = VariableOf(environment, name);
    if (locale.empty()) continue;
    return locale.find("UTF-8") != std::string::npos || locale.find("utf8") != std::string::npos;
  }
  return false;
}

// no-color.org, and what other programs of the terminal have agreed on.
bool WantsColor(const CliEnvironment& environment, const std::string& flag, bool is_terminal) {
  if (flag != "auto") return flag == "always";
  if (!VariableOf(environment, "NO_COLOR").empty()) return false;
  const std::string force = VariableOf(environment, "CLICOLOR_FORCE");
  if (!force.empty() && force != "0") return true;
  return is_terminal && VariableOf(environment, "TERM") != "dumb";
}

}  // namespace

std::string DefaultHome(const CliEnvironment& environment, const std::string& name) {
  const auto& variables = environment.variables;
  if (const auto data = variables.find("XDG_DATA_HOME");
      data != variables.end() && !data->second.empty()) {
    return data->second + "/" + name;
  }
  const auto home = variables.find("HOME");
  return (home == variables.end() ? "." : home->second) + "/.local/share/" + name;
}

OutputOptions Session::output() const {
  OutputOptions options{.sort = sort_flag,
                        .zone = zone_,
                        .no_header = no_header,
                        .out_is_terminal = environment_.out_is_terminal,
                        .err_is_terminal = environment_.err_is_terminal,
                        .color = WantsColor(environment_, color_flag, environment_.out_is_terminal),
                        .width = environment_.out_is_terminal ? environment_.terminal_width : 0};
  const std::vector<std::string>& names = OutputFormatNames();
  if (const auto found = std::find(names.begin(), names.end(), format_flag); found != names.end())
    options.format = static_cast<OutputFormat>(found - names.begin());
  options.columns = CommaList(columns_flag);
  if (json_fields.empty()) return options;
  if (!options.format) options.format = OutputFormat::kJson;
  options.list_columns = json_fields == "?";
  if (json_fields != "true" && !options.list_columns) options.columns = CommaList(json_fields);
  return options;
}

bool Session::color_on_err() const {
  return WantsColor(environment_, color_flag, environment_.err_is_terminal);
}

ProgressOptions Session::progress() const {
  ProgressOptions options{.ascii = !ShowsUtf8(environment_)};
  const bool has_bar = environment_.err_is_terminal && VariableOf(environment_, "TERM") != "dumb";
  if (quiet || progress_flag == "none") {
    options.mode = ProgressMode::kNone;
  } else if (progress_flag == "json" ||
             (progress_flag == "auto" && log_format_ == LogFormat::kJson)) {
    options.mode = ProgressMode::kJson;
  } else if (progress_flag == "bar" || (progress_flag == "auto" && has_bar)) {
    options.mode = ProgressMode::kBar;
  } else {
    options.mode = ProgressMode::kPlain;
  }
  return options;
}

void Session::Detail(const std::string& text) {
  if (verbose) err() << text << "\n";
}

void Session::PrintError(const Error& error) {
  if (log_format_ == LogFormat::kJson) {
    raw_err_ << ErrorJson(error, SystemClock().Now());
  } else {
    app::PrintError(raw_err_, error, color_on_err());
  }
}

void Session::Print(const TableOutput& table) {
  std::ostringstream text;
  Status done = PrintTable(text, output(), table);
  if (!done.ok()) printed_ = std::move(done);
  PrintText(text.str());
}

void Session::PrintText(const std::string& text) {
  const auto lines = static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
  const bool is_too_high = environment_.out_is_terminal && environment_.terminal_height > 0 &&
                           lines >= environment_.terminal_height;
  if (is_too_high && !no_pager) {
    const std::string pager = PagerCommand(environment_.variables);
    if (!pager.empty() && ShowInPager(pager, environment_.variables, text)) return;
  }
  out_ << text;
}

std::vector<std::string> Session::ConductFlags() const {
  std::vector<std::string> flags;
  if (quiet) flags.emplace_back("--quiet");
  if (log_format_ == LogFormat::kJson) flags.emplace_back("--log-format=json");
  if (!zone_name_.empty()) flags.push_back("--tz=" + zone_name_);
  return flags;
}

Status Session::ReadFlags() {
  if (!zone_flag.empty()) {
    zone_name_ = zone_flag == "local" ? LocalZoneName(environment_) : zone_flag;
    Result<orchestrate::Zone> zone = orchestrate::Zone::Find(zone_name_);
    if (!zone.ok() && zone.error().kind() == ErrorKind::kInvalidInput)
      return Error(zone.error()).Remedy("write --tz UTC, --tz local or --tz Asia/Seoul");
    if (!zone.ok()) return zone.error();
    zone_ = zone.value();
  }
  if (timeout_flag.empty()) return Ok();
  time_limit_ = config::ParseDuration(timeout_flag);
  if (!time_limit_ || time_limit_->count() <= 0)
    return Error(ErrorKind::kInvalidInput, "not a length of time: '" + timeout_flag + "'")
        .Remedy("write --timeout 90 (seconds), 90s, 5m or 1h30m");
  return Ok();
}

config::SettingsSources Session::Sources(const std::vector<config::SettingsFlag>& more) const {
  config::SettingsSources sources{.environment = environment_.variables,
                                  .flags = more,
                                  .working_directory = environment_.working_directory,
                                  .only_file = config_flag};
  if (!home_flag.empty())
    sources.flags.push_back({.setting = "home", .value = home_flag, .origin = "--home"});
  if (!listen_flag.empty())
    sources.flags.push_back({.setting = "listen", .value = listen_flag, .origin = "--listen"});
  for (const std::string& folder : catalog_flags) {
    sources.flags.push_back({.setting = "catalog_dirs", .value = folder, .origin = "--catalog"});
  }
  return sources;
}

Result<const config::Settings*> Session::LoadSettings(
    const std::vector<config::SettingsFlag>& more) {
  if (environment_.attached != nullptr)
    return Error(ErrorKind::kInternal, "a server reads no settings for others");
  if (settings_ != nullptr && more.empty()) return settings_.get();
  config::SettingsSources sources = Sources(more);
  SG_TRY(config::Settings settings, config::LoadSettings(sources));
  if (settings.Text("home").empty()) {
    sources.flags.push_back(
        {.setting = "home", .value = DefaultHome(environment_, "stargaze"), .origin = "default"});
    SG_TRY(settings, config::LoadSettings(sources));
  }
  for (const std::string& warning : settings.warnings()) err() << "warning: " << warning << "\n";
  if (settings_ == nullptr) {
    for (const std::string& file : settings.files()) Detail("settings: " + file);
    Detail("data folder: " + settings.Text("home"));
  }
  settings_ = std::make_unique<config::Settings>(std::move(settings));
  return settings_.get();
}

Result<Instance*> Session::OpenStores() {
  if (environment_.stores != nullptr && !turn_.owns_lock())
    turn_ = std::unique_lock(*environment_.stores);
  return OpenInstance();
}

Result<std::string> Session::Home() {
  if (environment_.attached != nullptr) return environment_.attached->folder->path();
  SG_TRY(const config::Settings* settings, LoadSettings());
  return settings->Text("home");
}

Result<Declarations> Session::Declared() {
  if (environment_.attached != nullptr) return environment_.attached->declarations;
  SG_TRY(const config::Settings* settings, LoadSettings());
  return ReadDeclarations(*settings);
}

Result<Instance*> Session::OpenInstance() {
  if (environment_.attached != nullptr) return environment_.attached;
  if (instance_ != nullptr) return instance_.get();
  SG_TRY(const config::Settings* settings, LoadSettings());
  const std::string home = settings->Text("home");
  Result<FolderIdentity> identity = DataFolder::ReadIdentity(home);
  if (!identity.ok() && identity.error().kind() != ErrorKind::kNotFound) return identity.error();
  InstanceOptions options{.token = settings->Text("github.token")};
  options.proxy = net::ProxyFrom(environment_.variables);
  options.base_url = settings->Text("github.base_url");
  options.identity.host = options.base_url.empty() ? "https://api.github.com" : options.base_url;
  if (identity.ok()) options.identity = identity.value();
  options.warn = [this](std::string_view text) { err() << "warning: " << text << "\n"; };
  SG_TRY(clock_, ClockFor(options.identity, home));
  SG_TRY(instance_, Instance::Open(*settings, options, *clock_));
  return instance_.get();
}

}  // namespace stargaze::app
