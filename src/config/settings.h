// Settings, each with where it comes from: built in, a file, the environment or a flag.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace stargaze::config {

enum class SettingType { kText, kInteger, kBoolean, kPath, kPathList };

// One row of the table of settings; the files' form, the variables' names and `config show` all
// come from it.
struct SettingSpec {
  std::string name{};  // "duckdb.threads"; the variable is STARGAZE_DUCKDB_THREADS.
  SettingType type = SettingType::kText;
  std::string default_value{};
  std::string help{};
  bool secret = false;           // Never in a file or a flag, never shown.
  std::string other_variable{};  // A weaker variable that other programs use too.
  std::vector<std::string> choices{};
  std::optional<int64_t> min{};
  std::optional<int64_t> max{};
  std::string (*check)(const std::string& text) = nullptr;  // What is wrong; empty when fine.
};

std::span<const SettingSpec> AllSettings();
const SettingSpec* FindSetting(std::string_view name);  // nullptr when the table lacks it.

// STARGAZE_LAKE_FSYNC for lake.fsync.
std::string VariableOf(std::string_view setting);

struct SettingsFlag {
  std::string setting{};  // A name of the table, pipelines.<dag>.schedule or vars.<dataset>.<name>.
  std::string value{};    // Lists are separated by colons.
  std::string origin{};   // As the user wrote it: "--listen".
};

// Where to look, weakest first: system file, user file, project file, environment, flags.
struct SettingsSources {
  std::map<std::string, std::string> environment{};
  std::vector<SettingsFlag> flags{};
  // stargaze.yaml is looked for here and in the folders above it up to the root of the version
  // control; without such a root only here. Also what relative paths of variables and flags are
  // relative to.
  std::string working_directory{};
  std::string system_file = "/etc/stargaze/config.yaml";
  std::string only_file{};  // Read instead of the three files; must exist.
};

struct SettingValue {
  std::string text{};
  std::vector<std::string> list{};  // kPathList
  std::string origin{};  // "/etc/stargaze/config.yaml:3", "STARGAZE_LISTEN", "--listen", "default"
};

struct ShownSetting {
  std::string name{};
  std::string value{};  // Secrets are masked.
  std::string origin{};
  std::string help{};
};

// Asking for a name that is not in the table, or for another type than the table's, is a bug and
// stops the process.
class Settings {
 public:
  const std::string& Text(std::string_view name) const;  // kText, kPath; paths are absolute.
  int64_t Integer(std::string_view name) const;
  bool Boolean(std::string_view name) const;
  const std::vector<std::string>& List(std::string_view name) const;
  const std::string& Origin(std::string_view name) const;

  // Set values by pipeline, and by dataset and variable name.
  const std::map<std::string, SettingValue>& schedules() const { return schedules_; }
  const std::map<std::string, std::map<std::string, SettingValue>>& variables() const {
    return variables_;
  }

  std::vector<ShownSetting> All() const;
  const std::vector<std::string>& files() const {
    return files_;
  }  // That were read, weakest first.
  const std::vector<std::string>& warnings() const {
    return warnings_;
  }  // STARGAZE_ variables that nothing reads.

 private:
  friend class SettingsLoader;

  const SettingValue& Value(std::string_view name, std::initializer_list<SettingType> types) const;

  std::map<std::string, SettingValue, std::less<>> values_;
  std::map<std::string, SettingValue> schedules_;
  std::map<std::string, std::map<std::string, SettingValue>> variables_;
  std::vector<std::string> files_;
  std::vector<std::string> warnings_;
};

// kInvalidInput lists all problems with file and line, variable or flag.
Result<Settings> LoadSettings(const SettingsSources& sources);

// JSON Schema (draft 2020-12) of the files.
std::string SettingsJsonSchema();

}  // namespace stargaze::config
