// Reads the sources of settings and lays them over each other.

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <utility>

#include "base/suggest.h"
#include "config/declaration_files.h"
#include "config/problems.h"
#include "config/settings.h"
#include "config/settings_files.h"
#include "config/settings_schema.h"
#include "config/text_checks.h"
#include "config/yaml.h"

namespace stargaze::config {
namespace {

constexpr std::string_view kVariablePrefix = "STARGAZE_";
constexpr std::string_view kTestPrefix = "STARGAZE_TEST_";

std::vector<std::string> SettingNames() {
  std::vector<std::string> names;
  for (const SettingSpec& spec : AllSettings()) names.push_back(spec.name);
  return names;
}

std::vector<std::string> SplitAtColons(const std::string& text) {
  std::vector<std::string> parts;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find(':', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string Trimmed(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  if (begin == std::string::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t\r\n") - begin + 1);
}

}  // namespace

// Applies the sources, weakest first.
class SettingsLoader {
 public:
  explicit SettingsLoader(const SettingsSources& sources) : sources_(sources) {}

  Result<Settings> Load() {
    ApplyDefaults();
    ApplyFiles();
    ApplyEnvironment();
    for (const SettingsFlag& flag : sources_.flags) ApplyFlag(flag);
    ApplyTokenFile();
    if (settings_.values_.at("home").text.empty()) {
      problems_.Add({.file = "home"}, "no data folder: HOME is not set, use --home");
    }
    if (problems_.empty() && malformed_.empty()) return std::move(settings_);
    std::string text = malformed_;
    if (!problems_.empty()) text += (text.empty() ? "" : "\n") + problems_.ToError().message();
    return Error(ErrorKind::kInvalidInput, text);
  }

 private:
  SettingValue& Value(const std::string& name) { return settings_.values_[name]; }

  void ApplyDefaults() {
    for (const SettingSpec& spec : AllSettings())
      Value(spec.name) = {.text = spec.default_value, .origin = "default"};
    Value("home").text = DefaultHome(sources_);
  }

  void ApplyFiles() {
    const bool only_one = !sources_.only_file.empty();
    const std::vector<std::string> files =
        only_one
            ? std::vector{ResolvedPath(sources_.only_file, sources_.working_directory, sources_)}
            : SettingsFiles(sources_);
    for (const std::string& file : files) {
      const auto text = ReadTextFile(file);
      if (text.ok()) {
        ApplyFile(file, text.value());
      } else if (only_one || text.error().kind() != ErrorKind::kNotFound) {
        problems_.Add({.file = file}, text.error().message());
      }
    }
  }

  void ApplyFile(const std::string& file, const std::string& text) {
    settings_.files_.push_back(file);
    const auto root = ParseYaml(file, text, {.allow_empty = true});
    if (!root.ok()) {
      malformed_ += (malformed_.empty() ? "" : "\n") + root.error().message();
      return;
    }
    const std::size_t before = problems_.size();
    CheckAgainst(root.value(), SettingsFileSchema(), problems_);
    if (problems_.size() != before) return;
    const std::string folder = std::filesystem::path(file).parent_path().string();
    for (const SettingSpec& spec : AllSettings()) ApplyNode(spec, root.value(), folder);
    ApplyOverrides(root.value());
  }

  void ApplyNode(const SettingSpec& spec, const YamlNode& root, const std::string& folder) {
    const std::size_t dot = spec.name.find('.');
    const YamlNode* node = root.Find(spec.name.substr(0, dot));
    if (dot != std::string::npos && node != nullptr) node = node->Find(spec.name.substr(dot + 1));
    if (node == nullptr) return;
    std::vector<std::string> list;
    for (const YamlNode& item : node->children) list.push_back(item.text);
    Store(spec, node->text, std::move(list), OriginOf(*node), folder);
  }

  static std::string OriginOf(const YamlNode& node) {
    return fmt::format("{}:{}", node.place.file, node.place.line);
  }

  void ApplyOverrides(const YamlNode& root) {
    if (const YamlNode* pipelines = root.Find("pipelines")) {
      for (const YamlNode& pipeline : pipelines->children) {
        const YamlNode* schedule = pipeline.Find("schedule");
        if (schedule != nullptr)
          settings_.schedules_[pipeline.name] = {.text = schedule->text,
                                                 .origin = OriginOf(*schedule)};
      }
    }
    if (const YamlNode* datasets = root.Find("vars")) {
      for (const YamlNode& dataset : datasets->children) {
        for (const YamlNode& variable : dataset.children) {
          settings_.variables_[dataset.name][variable.name] = {.text = variable.text,
                                                               .origin = OriginOf(variable)};
        }
      }
    }
  }

  void Store(const SettingSpec& spec,
             const std::string& text,
             std::vector<std::string> list,
             const std::string& origin,
             const std::string& folder) {
    SettingValue value{.text = text, .list = std::move(list), .origin = origin};
    if (spec.type == SettingType::kPath) value.text = ResolvedPath(text, folder, sources_);
    for (std::string& path : value.list) path = ResolvedPath(path, folder, sources_);
    Value(spec.name) = std::move(value);
  }

  // A variable or a flag.
  void ApplyText(const SettingSpec& spec, const std::string& text, const std::string& origin) {
    std::vector<std::string> list;
    if (spec.type == SettingType::kPathList) {
      list = SplitAtColons(text);
    } else if (const std::string problem = CheckText(text, LeafSchema(spec, spec.name));
               !problem.empty()) {
      // A secret must not get into a log with the message about it.
      problems_.Add({.file = origin}, spec.secret ? "unsuitable value" : problem);
      return;
    }
    Store(spec, text, std::move(list), origin, sources_.working_directory);
  }

  void ApplyEnvironment() {
    std::vector<std::string> known;
    for (const SettingSpec& spec : AllSettings()) {
      known.push_back(VariableOf(spec.name));
      for (const std::string& variable : {spec.other_variable, known.back()}) {
        const auto found = sources_.environment.find(variable);
        if (found != sources_.environment.end() && !found->second.empty())
          ApplyText(spec, found->second, variable);
      }
    }
    for (const auto& [variable, value] : sources_.environment) {
      if (!variable.starts_with(kVariablePrefix) || variable.starts_with(kTestPrefix)) continue;
      if (std::find(known.begin(), known.end(), variable) != known.end()) continue;
      settings_.warnings_.push_back(
          fmt::format("unknown variable {}{}", variable, DidYouMean(variable, known)));
    }
  }

  void ApplyFlag(const SettingsFlag& flag) {
    const Place place{.file = flag.origin};
    if (const SettingSpec* spec = FindSetting(flag.setting)) {
      if (spec->secret) {
        problems_.Add(place,
                      fmt::format("a secret is not taken from the command line: set {}",
                                  VariableOf(spec->name)));
      } else {
        ApplyText(*spec, flag.value, flag.origin);
      }
      return;
    }
    if (ApplyOverrideFlag(flag)) return;
    problems_.Add(
        place,
        fmt::format(
            "unknown setting '{}'{}", flag.setting, DidYouMean(flag.setting, SettingNames())));
  }

  // pipelines.<dag>.schedule and vars.<dataset>.<name>
  bool ApplyOverrideFlag(const SettingsFlag& flag) {
    const std::size_t first = flag.setting.find('.');
    const std::size_t last = flag.setting.rfind('.');
    if (first == std::string::npos || last <= first + 1) return false;
    const std::string group = flag.setting.substr(0, first);
    const std::string name = flag.setting.substr(first + 1, last - first - 1);
    const std::string key = flag.setting.substr(last + 1);
    const SettingValue value{.text = flag.value, .origin = flag.origin};
    if (group == "pipelines" && key == "schedule") {
      settings_.schedules_[name] = value;
      return true;
    }
    if (group != "vars") return false;
    const std::string problem = CheckPlainValue(flag.value);
    if (!problem.empty()) problems_.Add({.file = flag.origin}, problem);
    settings_.variables_[name][key] = value;
    return true;
  }

  // A token in our own variable is the strongest, one in the variable that others share the
  // weakest.
  void ApplyTokenFile() {
    const SettingValue& file = Value("github.token_file");
    if (file.text.empty() || Value("github.token").origin == VariableOf("github.token")) return;
    const auto text = ReadTextFile(file.text);
    if (!text.ok())
      return problems_.Add({.file = file.origin, .key = "github.token_file"},
                           text.error().message());
    const std::string token = Trimmed(text.value());
    if (token.empty() || !CheckPlainValue(token).empty()) {
      return problems_.Add(
          {.file = file.origin, .key = "github.token_file"},
          fmt::format("the file must hold one line with the token: path={}", file.text));
    }
    Value("github.token") = {.text = token, .origin = file.text};
  }

  const SettingsSources& sources_;
  Settings settings_;
  Problems problems_;
  std::string malformed_;
};

Result<Settings> LoadSettings(const SettingsSources& sources) {
  return SettingsLoader(sources).Load();
}

}  // namespace stargaze::config
