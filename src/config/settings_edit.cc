#include "config/settings_edit.h"

#include <fmt/core.h>

#include <optional>
#include <sstream>
#include <vector>

#include "base/suggest.h"
#include "config/problems.h"
#include "config/settings.h"
#include "config/settings_schema.h"
#include "config/yaml.h"

namespace stargaze::config {
namespace {

std::vector<std::string> Lines(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}

std::string Text(const std::vector<std::string>& lines) {
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// In quotes unless it is a plain word, number or path: YAML gives many others a meaning.
std::string Written(const SettingSpec& spec, const std::string& value) {
  if (spec.type == SettingType::kInteger || spec.type == SettingType::kBoolean) return value;
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

std::string WrittenList(const std::string& value) {
  std::string list;
  std::istringstream in(value);
  for (std::string item; std::getline(in, item, ':');) {
    if (!item.empty()) list += (list.empty() ? "" : ", ") + Written({}, item);
  }
  return "[" + list + "]";
}

Error NotSettable(const std::string& file, const std::string& setting, const std::string& why) {
  return Error(ErrorKind::kInvalidInput,
               fmt::format("{} cannot be set in {}: {}", setting, file, why));
}

Result<const SettingSpec*> Settable(const std::string& file, const std::string& setting) {
  const SettingSpec* spec = FindSetting(setting);
  if (spec == nullptr) {
    std::vector<std::string> names;
    for (const SettingSpec& known : AllSettings()) names.push_back(known.name);
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("unknown setting '{}'{}", setting, DidYouMean(setting, names)))
        .Remedy("stargaze config show lists them");
  }
  if (spec->secret)
    return NotSettable(file, setting, "it is a secret")
        .Remedy(fmt::format("set {} in the environment, or name a file that holds it",
                            VariableOf(setting)));
  return spec;
}

// What stands after the value: a comment stays, and where it stood.
std::string CommentOf(const std::string& line) {
  const std::size_t quote = line.find_last_of("\"'");
  const std::size_t mark = line.find(" #", quote == std::string::npos ? 0 : quote);
  if (mark == std::string::npos) return {};
  return line.substr(line.find_last_not_of(' ', mark) + 1);
}

// A value that stands in its line, after the key.
Status Replace(std::vector<std::string>& lines,
               const YamlNode& node,
               const std::string& key,
               const std::string& written,
               const Error& by_hand) {
  const std::size_t at = static_cast<std::size_t>(node.place.line) - 1;
  if (at >= lines.size()) return by_hand;
  const std::size_t start = lines[at].find_first_not_of(' ');
  if (start == std::string::npos || lines[at].compare(start, key.size() + 1, key + ":") != 0)
    return by_hand;
  lines[at] = lines[at].substr(0, start) + key + ": " + written + CommentOf(lines[at]);
  return Ok();
}

// Below the group's own line, as deep as its first member.
Status InsertInGroup(std::vector<std::string>& lines,
                     const YamlNode& group,
                     const std::string& entry,
                     const Error& by_hand) {
  if (group.children.empty()) return by_hand;
  const auto first = static_cast<std::size_t>(group.children.front().place.line) - 1;
  if (first >= lines.size() || first < static_cast<std::size_t>(group.place.line)) return by_hand;
  const std::size_t indent = lines[first].find_first_not_of(' ');
  lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(first),
               std::string(indent == std::string::npos ? 2 : indent, ' ') + entry);
  return Ok();
}

Status Edit(std::vector<std::string>& lines,
            const YamlNode& root,
            const SettingSpec& spec,
            const std::string& written,
            const Error& by_hand) {
  const std::size_t dot = spec.name.find('.');
  const std::string first = spec.name.substr(0, dot);
  const YamlNode* node = root.Find(first);
  if (dot == std::string::npos) {
    if (node != nullptr) return Replace(lines, *node, first, written, by_hand);
    lines.push_back(first + ": " + written);
    return Ok();
  }
  const std::string key = spec.name.substr(dot + 1);
  if (node == nullptr) {
    lines.push_back(first + ":");
    lines.push_back("  " + key + ": " + written);
    return Ok();
  }
  if (const YamlNode* member = node->Find(key))
    return Replace(lines, *member, key, written, by_hand);
  return InsertInGroup(lines, *node, key + ": " + written, by_hand);
}

Result<YamlNode> Parsed(const std::string& file, const std::string& text) {
  SG_TRY(YamlNode root, ParseYaml(file, text, {.allow_empty = true}));
  Problems problems;
  CheckAgainst(root, SettingsFileSchema(), problems);
  if (!problems.empty()) return problems.ToError();
  return root;
}

// What the file would now say, so that an edit that went wrong is never written.
std::string ValueIn(const YamlNode& root, const std::string& setting) {
  const std::size_t dot = setting.find('.');
  const YamlNode* node = root.Find(setting.substr(0, dot));
  if (node != nullptr && dot != std::string::npos) node = node->Find(setting.substr(dot + 1));
  if (node == nullptr) return {};
  std::string text = node->text;
  for (const YamlNode& item : node->children) text += (text.empty() ? "" : ":") + item.text;
  return text;
}

}  // namespace

Status CheckSettingsText(const std::string& file, const std::string& text) {
  SG_TRY([[maybe_unused]] const YamlNode root, Parsed(file, text));
  return Ok();
}

Result<std::string> WithSetting(const std::string& file,
                                const std::string& text,
                                const std::string& setting,
                                const std::string& value) {
  SG_TRY(const SettingSpec* spec, Settable(file, setting));
  const bool is_list = spec->type == SettingType::kPathList;
  const std::string problem =
      is_list ? std::string() : CheckText(value, LeafSchema(*spec, spec->name));
  if (!problem.empty())
    return Error(ErrorKind::kInvalidInput, setting + ": " + problem).Remedy(spec->help);
  if (value.find_first_of("\n\r") != std::string::npos)
    return NotSettable(file, setting, "the value has a line break");
  SG_TRY(const YamlNode root, Parsed(file, text));
  const Error by_hand =
      NotSettable(file, setting, "the file is written in a form that only an editor can change")
          .Remedy("write it there by hand; stargaze config validate checks it");
  std::vector<std::string> lines = Lines(text);
  const std::string written = is_list ? WrittenList(value) : Written(*spec, value);
  SG_RETURN_IF_ERROR(Edit(lines, root, *spec, written, by_hand));
  std::string edited = Text(lines);
  const Result<YamlNode> again = Parsed(file, edited);
  if (!again.ok() || ValueIn(again.value(), setting) != value) return by_hand;
  return edited;
}

}  // namespace stargaze::config
