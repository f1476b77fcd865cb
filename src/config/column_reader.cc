#include "config/column_reader.h"

#include <fmt/core.h>

#include <algorithm>

#include "config/dataset_schema.h"
#include "config/path_reader.h"
#include "config/schema.h"

namespace stargaze::config {
namespace {

using model::Column;
using model::ColumnType;

ColumnType ReadType(const YamlNode& node) {
  const std::string name = Canonical(node.Text("type").value_or(""), ColumnTypeSchema());
  for (const ColumnType type : {ColumnType::kInteger,
                                ColumnType::kDouble,
                                ColumnType::kBoolean,
                                ColumnType::kTimestamp,
                                ColumnType::kDate,
                                ColumnType::kJson}) {
    if (name == NameOf(type)) return type;
  }
  return ColumnType::kString;
}

void CheckRules(const YamlNode& node, ColumnType type, Problems& problems) {
  const bool is_number = type == ColumnType::kInteger || type == ColumnType::kDouble;
  const auto refuse = [&](const char* rule, bool has_meaning) {
    const YamlNode* member = node.Find(rule);
    if (member == nullptr || has_meaning) return;
    problems.Add(member->place, fmt::format("has no meaning for type '{}'", NameOf(type)));
  };
  refuse("min", is_number);
  refuse("max", is_number);
  refuse("max_length", type == ColumnType::kString);
  refuse("pattern", type == ColumnType::kString);
  refuse("allowed", type == ColumnType::kString || type == ColumnType::kInteger);
  const auto min = node.Integer("min");
  const auto max = node.Integer("max");
  if (min && max && *min > *max) problems.Add(node.Find("max")->place, "max is smaller than min");
}

// People: what identifies them is marked, and e-mail addresses are never stored.
void CheckPerson(const YamlNode& node, const Column& column, Problems& problems) {
  const bool is_email = std::any_of(
      column.path.steps.begin(), column.path.steps.end(), [](const model::PathStep& step) {
        return step.key == "email";
      });
  if (is_email) problems.Add(node.Find("path")->place, "e-mail addresses are never stored");
  if (column.name.ends_with("_login") && !node.Boolean("person")) {
    problems.Add(node.place, "a login identifies a person: say person: true");
  }
}

}  // namespace

Column ReadColumn(const YamlNode& node, bool from_source, Problems& problems) {
  Column column{.name = node.name};
  const YamlNode* path = node.Find("path");
  if (path == nullptr && from_source) problems.Add(node.place, "missing key 'path'");
  if (path != nullptr && !from_source)
    problems.Add(path->place, "has no meaning in a dataset without requests");
  column.path = ReadValuePath(path, problems);
  column.type = ReadType(node);
  column.required = node.Boolean("required").value_or(false);
  column.person = node.Boolean("person").value_or(false);
  column.min = node.Integer("min");
  column.max = node.Integer("max");
  column.max_length = node.Integer("max_length");
  column.pattern = node.Text("pattern");
  column.allowed = node.Texts("allowed");
  column.description = node.Text("description").value_or("");
  CheckRules(node, column.type, problems);
  CheckPerson(node, column, problems);
  return column;
}

}  // namespace stargaze::config
