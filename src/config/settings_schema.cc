#include "config/settings_schema.h"

#include <algorithm>
#include <utility>

#include "config/json_schema.h"
#include "config/text_checks.h"

namespace stargaze::config {
namespace {

std::string RefuseInFile(const std::string& /*text*/) {
  return "a secret is not read from this file: set its variable, or name a file that holds it";
}

Schema OverrideSchema(const std::string& name,
                      const std::string& pattern,
                      const std::string& meaning,
                      Schema element) {
  return {.name = name,
          .kind = SchemaKind::kNamed,
          .pattern = pattern,
          .pattern_meaning = meaning,
          .parts = {std::move(element)}};
}

// The files' form: the table, with "a.b" as b inside of a, and the two groups that are named by
// others.
Schema BuildFileSchema() {
  Schema file{.kind = SchemaKind::kRecord};
  for (const SettingSpec& spec : AllSettings()) {
    const std::size_t dot = spec.name.find('.');
    Schema leaf =
        LeafSchema(spec, dot == std::string::npos ? spec.name : spec.name.substr(dot + 1));
    if (spec.secret) leaf.check = RefuseInFile;
    if (dot == std::string::npos) {
      file.parts.push_back(std::move(leaf));
      continue;
    }
    const std::string group = spec.name.substr(0, dot);
    auto found = std::find_if(file.parts.begin(), file.parts.end(), [&](const Schema& part) {
      return part.name == group;
    });
    if (found == file.parts.end()) {
      file.parts.push_back({.name = group, .kind = SchemaKind::kRecord});
      found = file.parts.end() - 1;
    }
    found->parts.push_back(std::move(leaf));
  }
  Schema pipeline{.kind = SchemaKind::kRecord,
                  .parts = {{.name = "schedule", .description = "Cron, @daily, PT30M, off."}}};
  const Schema identifier = IdentifierSchema("", "");
  file.parts.push_back(OverrideSchema(
      "pipelines", identifier.pattern, identifier.pattern_meaning, std::move(pipeline)));
  Schema value{.kind = SchemaKind::kScalar, .check = CheckPlainValue};
  Schema values =
      OverrideSchema("", identifier.pattern, identifier.pattern_meaning, std::move(value));
  file.parts.push_back(OverrideSchema(
      "vars", "[a-z][a-z0-9_]*/[a-z][a-z0-9_]*", "the name of a dataset", std::move(values)));
  return file;
}

}  // namespace

Schema LeafSchema(const SettingSpec& spec, const std::string& key) {
  Schema leaf{.name = key,
              .description = spec.help,
              .choices = spec.choices,
              .min = spec.min,
              .max = spec.max,
              .check = spec.check};
  if (spec.type == SettingType::kInteger) leaf.kind = SchemaKind::kInteger;
  if (spec.type == SettingType::kBoolean) leaf.kind = SchemaKind::kBoolean;
  if (spec.type == SettingType::kPathList) {
    leaf.kind = SchemaKind::kList;
    leaf.parts = {{.check = CheckPlainValue}};
  }
  return leaf;
}

const Schema& SettingsFileSchema() {
  static const Schema kSchema = BuildFileSchema();
  return kSchema;
}

std::string SettingsJsonSchema() {
  return ToJsonSchema(SettingsFileSchema(), "Stargaze configuration");
}

}  // namespace stargaze::config
