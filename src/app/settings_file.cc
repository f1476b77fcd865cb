#include "app/settings_file.h"

#include <filesystem>
#include <system_error>

#include "base/replace_file.h"
#include "config/settings_files.h"

namespace stargaze::app {

const std::vector<std::string>& SettingsOwners() {
  static const std::vector<std::string> kOwners{"user", "project", "system"};
  return kOwners;
}

Result<std::string> SettingsTarget(const Session& session, const std::string& owner) {
  const config::SettingsSources sources = session.Sources();
  if (!sources.only_file.empty())
    return config::ResolvedPath(sources.only_file, sources.working_directory, sources);
  if (owner == "system") return sources.system_file;
  if (owner == "project") {
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

Result<std::string> ReadSettingsFile(const std::string& file) {
  Result<std::string> text = ReadWholeFile(file);
  if (text.ok()) return text;
  if (text.error().kind() == ErrorKind::kNotFound) return std::string();
  return Error(text.error()).While("the settings file").Remedy("check its permissions");
}

Status WriteSettingsFile(const std::string& file, const std::string& text) {
  std::error_code error;
  std::filesystem::create_directories(std::filesystem::path(file).parent_path(), error);
  const Status written = ReplaceFile(file, text);
  if (written.ok()) return Ok();
  return Error(written.error())
      .While("the settings file")
      .Remedy("check the folder's permissions, or choose another with --file");
}

}  // namespace stargaze::app
