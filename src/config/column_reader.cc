#include "config/column_reader.h"

#include <fmt/core.h>

#include <algorithm>

#include "config/dataset_schema.h"
#include "config/path_reader.h"
#include "config/schema.h"
#include "model/expression.h"

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

bool NamesEmail(const model::JsonPath& path) {
  return std::ranges::find(path.steps, "email", &model::PathStep::key) != path.steps.end();
}

bool NamesEmail(const model::Expression& expression) {
  return NamesEmail(expression.path) ||
         std::ranges::any_of(expression.arguments, [](const model::Expression& argument) {
           return NamesEmail(argument);
         });
}

// People: what identifies them is marked, and e-mail addresses are never stored.
void CheckPerson(const YamlNode& node, const Column& column, Problems& problems) {
  if (NamesEmail(column.path) || NamesEmail(column.expression)) {
    const YamlNode* path = node.Find("path");
    problems.Add((path == nullptr ? node.Find("expr") : path)->place,
                 "e-mail addresses are never stored");
  }
  if (column.name.ends_with("_login") && !node.Boolean("person")) {
    problems.Add(node.place, "a login identifies a person: say person: true");
  }
}

// path, subject or expr: the one that is there; two of them, or none, is a mistake.
const YamlNode* ReadSourceKey(const YamlNode& node,
                              const ColumnSources& sources,
                              Problems& problems) {
  const YamlNode* written = nullptr;
  for (const char* key : {"path", "subject", "expr"}) {
    const YamlNode* member = node.Find(key);
    if (member == nullptr) continue;
    if (!sources.has_requests) {
      problems.Add(member->place, "has no meaning in a dataset without requests");
    } else if (written != nullptr) {
      problems.Add(member->place, "a column has one of path, subject and expr");
    }
    written = member;
  }
  if (written == nullptr && sources.has_requests) problems.Add(node.place, "missing key 'path'");
  return written;
}

void ReadSubject(const YamlNode& node,
                 const YamlNode& subject,
                 const ColumnSources& sources,
                 Column& column,
                 Problems& problems) {
  column.source = model::ColumnSource::kSubject;
  column.subject = subject.text;
  column.required = true;  // Whoever was asked has them all.
  const ColumnType type =
      subject.text == "repository_id" ? ColumnType::kInteger : ColumnType::kString;
  if (!sources.has_subjects) problems.Add(subject.place, "needs for_each: followed");
  if (node.Find("type") != nullptr && column.type != type) {
    problems.Add(node.Find("type")->place, fmt::format("{} is '{}'", subject.text, NameOf(type)));
  }
  column.type = type;
}

void ReadExpression(const YamlNode& node,
                    const YamlNode& text,
                    const ColumnSources& sources,
                    Column& column,
                    Problems& problems) {
  column.source = model::ColumnSource::kExpression;
  auto parsed = model::ParseExpression(text.text, sources.index);
  if (!parsed.ok()) return problems.Add(text.place, parsed.error().message());
  column.expression = std::move(parsed).value();
  const ColumnType type = column.expression.type;
  if (node.Find("type") != nullptr && column.type != type) {
    problems.Add(
        node.Find("type")->place,
        fmt::format("the expression is '{}', not '{}'", NameOf(type), NameOf(column.type)));
  }
}

}  // namespace

Column ReadColumn(const YamlNode& node, const ColumnSources& sources, Problems& problems) {
  Column column{.name = node.name};
  const YamlNode* source = ReadSourceKey(node, sources, problems);
  column.type = ReadType(node);
  column.required = node.Boolean("required").value_or(false);
  if (source != nullptr && source->name == "subject") {
    ReadSubject(node, *source, sources, column, problems);
  } else if (node.Find("type") == nullptr) {
    problems.Add(node.place, "missing key 'type'");
  } else if (source != nullptr && source->name == "expr") {
    ReadExpression(node, *source, sources, column, problems);
  } else {
    column.path = ReadValuePath(source, problems);
  }
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
