#include "config/settings_template.h"

#include <fmt/core.h>

#include "config/settings.h"

namespace stargaze::config {
namespace {

std::string Value(const SettingSpec& spec) {
  const bool is_list = spec.type == SettingType::kPathList;
  if (is_list) return "[]";
  const bool is_plain = spec.type == SettingType::kInteger || spec.type == SettingType::kBoolean;
  return is_plain ? std::string(spec.default_value) : fmt::format("\"{}\"", spec.default_value);
}

std::string Choices(const SettingSpec& spec) {
  std::string list;
  for (const std::string_view choice : spec.choices)
    list += (list.empty() ? " One of " : ", ") + std::string(choice);
  return list.empty() ? list : list + ".";
}

}  // namespace

std::string SettingsTemplate() {
  std::string text =
      "# Settings of Stargaze. What is commented out is at its default; to change one, take away\n"
      "# the # before it and before its group, or say: stargaze config set NAME VALUE\n"
      "# Secrets stand in no settings file: variables and files of their own hold them.\n";
  std::string group;
  for (const SettingSpec& spec : AllSettings()) {
    if (spec.secret) continue;
    const std::string name(spec.name);
    const std::size_t dot = name.find('.');
    const std::string its_group = dot == std::string::npos ? "" : name.substr(0, dot);
    const std::string indent = its_group.empty() ? "" : "  ";
    text += "\n";
    if (its_group != group && !its_group.empty()) text += fmt::format("#{}:\n", its_group);
    group = its_group;
    text += fmt::format("{0}# {1}{2}\n#{5}{3}: {4}\n",
                        indent.empty() ? "" : "#" + indent,
                        spec.help,
                        Choices(spec),
                        dot == std::string::npos ? name : name.substr(dot + 1),
                        Value(spec),
                        indent);
  }
  return text;
}

}  // namespace stargaze::config
