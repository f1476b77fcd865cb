#include "config/settings_files.h"

#include <filesystem>
#include <system_error>

namespace stargaze::config {
namespace {

namespace fs = std::filesystem;

constexpr const char* kProjectFile = "stargaze.yaml";

std::string VariableValue(const SettingsSources& sources, const std::string& variable) {
  const auto found = sources.environment.find(variable);
  return found == sources.environment.end() ? std::string() : found->second;
}

// The specification says that a relative value is to be ignored.
std::string XdgFolder(const SettingsSources& sources,
                      const std::string& variable,
                      const std::string& below_home) {
  std::string set = VariableValue(sources, variable);
  if (set.starts_with('/')) return set;
  const std::string home = VariableValue(sources, "HOME");
  return home.empty() ? std::string() : home + below_home;
}

bool Exists(const fs::path& path) {
  std::error_code code;
  return fs::exists(path, code);
}

// Empty when there is none. Not beyond the root of the version control, and without one not upwards
// at all: what stands in a folder that others may write to is not this project's.
std::string ProjectFile(const std::string& working_directory) {
  if (working_directory.empty()) return {};
  std::string found;
  for (fs::path folder = working_directory;; folder = folder.parent_path()) {
    const bool is_first = folder == fs::path(working_directory);
    if (found.empty() && Exists(folder / kProjectFile)) found = (folder / kProjectFile).string();
    if (is_first && !found.empty()) return found;
    if (Exists(folder / ".git") || Exists(folder / ".hg")) return found;
    if (folder == folder.parent_path()) return {};
  }
}

}  // namespace

std::vector<std::string> SettingsFiles(const SettingsSources& sources) {
  std::vector<std::string> files;
  if (!sources.system_file.empty()) files.push_back(sources.system_file);
  const std::string user = XdgFolder(sources, "XDG_CONFIG_HOME", "/.config");
  if (!user.empty()) files.push_back(user + "/stargaze/config.yaml");
  const std::string project = ProjectFile(sources.working_directory);
  if (!project.empty()) files.push_back(project);
  return files;
}

std::string ResolvedPath(const std::string& path,
                         const std::string& folder,
                         const SettingsSources& sources) {
  if (path.empty()) return path;
  fs::path resolved = path;
  if (path == "~" || path.starts_with("~/")) {
    resolved = fs::path(VariableValue(sources, "HOME")) /
               path.substr(std::min<std::size_t>(2, path.size()));
  } else if (resolved.is_relative()) {
    resolved = fs::path(folder) / resolved;
  }
  return resolved.lexically_normal().string();
}

std::string DefaultHome(const SettingsSources& sources) {
  const std::string data = XdgFolder(sources, "XDG_DATA_HOME", "/.local/share");
  return data.empty() ? data : data + "/stargaze";
}

}  // namespace stargaze::config
