#include "app/session.h"

#include <fmt/core.h>

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

Result<const config::Settings*> Session::LoadSettings(
    const std::vector<config::SettingsFlag>& more) {
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
  SG_TRY(config::Settings settings, config::LoadSettings(sources));
  if (settings.Text("home").empty()) {
    sources.flags.push_back(
        {.setting = "home", .value = DefaultHome(environment_, "stargaze"), .origin = "default"});
    SG_TRY(settings, config::LoadSettings(sources));
  }
  for (const std::string& warning : settings.warnings()) err_ << "warning: " << warning << "\n";
  settings_ = std::make_unique<config::Settings>(std::move(settings));
  return settings_.get();
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
  options.warn = [this](std::string_view text) { err_ << "warning: " << text << "\n"; };
  SG_TRY(clock_, ClockFor(options.identity, home));
  SG_TRY(instance_, Instance::Open(*settings, options, *clock_));
  return instance_.get();
}

}  // namespace stargaze::app
