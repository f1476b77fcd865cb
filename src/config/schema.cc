#include "config/schema.h"

#include <fmt/core.h>

#include <algorithm>
#include <regex>

#include "base/suggest.h"

namespace stargaze::config {
namespace {

// std::regex recurses over its input: what it reads must be short.
constexpr std::size_t kMaxPatternInput = 256;

bool Contains(const std::vector<std::string>& words, const std::string& word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

std::string CheckPattern(const std::string& text, const Schema& schema) {
  if (schema.pattern.empty()) return {};
  const bool fits =
      text.size() <= kMaxPatternInput && std::regex_match(text, std::regex(schema.pattern));
  return fits ? std::string()
              : fmt::format("expected {}, found '{}'", schema.pattern_meaning, text.substr(0, 80));
}

std::string CheckChoice(const std::string& text, const Schema& schema) {
  if (schema.choices.empty()) return {};
  const std::string chosen = Canonical(text, schema);
  if (Contains(schema.choices, chosen)) return {};
  const std::string& noun = schema.noun.empty() ? schema.name : schema.noun;
  if (Contains(schema.later_choices, text))
    return fmt::format("{} '{}' is known but not supported yet", noun, text);
  std::vector<std::string> words = schema.choices;
  for (const auto& [synonym, meaning] : schema.synonyms) words.push_back(synonym);
  std::string hint = DidYouMean(text, words);
  if (hint.empty()) {
    hint = "; one of";
    for (const std::string& choice : schema.choices)
      hint += (&choice == schema.choices.data() ? " " : ", ") + choice;
  }
  return fmt::format("unknown {} '{}'{}", noun, text.substr(0, 80), hint);
}

std::string CheckInteger(const std::optional<int64_t>& value,
                         const std::string& found,
                         const Schema& schema) {
  if (!value) return "expected a whole number, found " + found;
  if (schema.min && *value < *schema.min)
    return fmt::format("must be at least {}, found {}", *schema.min, *value);
  if (schema.max && *value > *schema.max)
    return fmt::format("must be at most {}, found {}", *schema.max, *value);
  return {};
}

std::string CheckWords(const std::string& text, const Schema& schema) {
  if (text.size() > schema.max_length) {
    return fmt::format(
        "the text is too long: size_bytes={} limit_bytes={}", text.size(), schema.max_length);
  }
  std::string problem = CheckPattern(text, schema);
  if (problem.empty()) problem = CheckChoice(text, schema);
  if (problem.empty() && schema.check != nullptr) problem = schema.check(text);
  return problem;
}

std::string CheckScalar(const YamlNode& node, const Schema& schema) {
  switch (schema.kind) {
    case SchemaKind::kInteger:
      return CheckInteger(node.AsInteger(), node.Describe(), schema);
    case SchemaKind::kBoolean:
      return node.AsBoolean() ? "" : "expected true or false, found " + node.Describe();
    case SchemaKind::kText:
    case SchemaKind::kScalar:
      return node.AsText() ? CheckWords(node.text, schema)
                           : "expected text, found " + node.Describe();
    default:
      return "expected something else";
  }
}

const Schema* FindPart(const Schema& record, const std::string& name) {
  for (const Schema& part : record.parts) {
    if (part.name == name) return &part;
  }
  return nullptr;
}

void CheckRecord(const YamlNode& node, const Schema& schema, Problems& problems) {
  std::vector<std::string> names;
  for (const Schema& part : schema.parts) {
    if (!part.later) names.push_back(part.name);
  }
  bool has_later_keys = false;  // They may stand for what else would be missing.
  for (const YamlNode& member : node.children) {
    const Schema* part = FindPart(schema, member.name);
    if (part == nullptr) {
      problems.Add(member.place, "unknown key" + DidYouMean(member.name, names));
    } else if (part->later) {
      problems.AddNotSupportedYet(member.place, "this key");
      has_later_keys = true;
    } else {
      CheckAgainst(member, *part, problems);
    }
  }
  for (const Schema& part : schema.parts) {
    if (part.required && !has_later_keys && node.Find(part.name) == nullptr) {
      problems.Add(node.place, fmt::format("missing key '{}'", part.name));
    }
  }
}

void CheckNamed(const YamlNode& node, const Schema& schema, Problems& problems) {
  for (const YamlNode& member : node.children) {
    std::string problem = CheckPattern(member.name, schema);
    if (problem.empty() && schema.check != nullptr) problem = schema.check(member.name);
    if (!problem.empty()) problems.Add(member.place, "unsuitable name: " + problem);
    CheckAgainst(member, schema.parts.front(), problems);
  }
}

void CheckCount(const YamlNode& node, const Schema& schema, Problems& problems) {
  if (node.children.size() < schema.min_items) {
    problems.Add(
        node.place,
        fmt::format("needs at least {} of them, found {}", schema.min_items, node.children.size()));
  }
  if (schema.max_items && node.children.size() > *schema.max_items) {
    problems.Add(
        node.place,
        fmt::format(
            "may have at most {} of them, found {}", *schema.max_items, node.children.size()));
  }
}

bool IsScalar(SchemaKind kind) {
  return kind == SchemaKind::kText || kind == SchemaKind::kInteger ||
         kind == SchemaKind::kBoolean || kind == SchemaKind::kScalar;
}

const Schema& Meant(const YamlNode& node, const Schema& either) {
  if (!either.decided_by.empty())
    return node.Find(either.decided_by) != nullptr ? either.parts.front() : either.parts.back();
  if (IsScalar(either.parts.back().kind))
    return node.kind == YamlKind::kMap ? either.parts.front() : either.parts.back();
  if (either.parts.front().kind == SchemaKind::kText)
    return node.kind == YamlKind::kScalar ? either.parts.front() : either.parts.back();
  for (const Schema& key : either.parts.front().parts) {
    const YamlNode* member = node.Find(key.name);
    if (member != nullptr && member->kind != YamlKind::kMap) return either.parts.front();
  }
  return either.parts.back();
}

}  // namespace

Schema IdentifierSchema(std::string name, std::string description) {
  return {.name = std::move(name),
          .description = std::move(description),
          .pattern = "[a-z][a-z0-9_]{0,62}",
          .pattern_meaning = "lower-case letters, digits and _, beginning with a letter"};
}

void CheckAgainst(const YamlNode& node, const Schema& schema, Problems& problems) {
  switch (schema.kind) {
    case SchemaKind::kEither:
      return CheckAgainst(node, Meant(node, schema), problems);
    case SchemaKind::kList:
      if (node.kind != YamlKind::kList)
        return problems.Add(node.place, "expected a list, found " + node.Describe());
      CheckCount(node, schema, problems);
      for (const YamlNode& item : node.children) CheckAgainst(item, schema.parts.front(), problems);
      return;
    case SchemaKind::kRecord:
    case SchemaKind::kNamed:
      if (node.kind != YamlKind::kMap)
        return problems.Add(node.place, "expected a map, found " + node.Describe());
      CheckCount(node, schema, problems);
      return schema.kind == SchemaKind::kRecord ? CheckRecord(node, schema, problems)
                                                : CheckNamed(node, schema, problems);
    default:
      break;
  }
  const std::string problem = CheckScalar(node, schema);
  if (!problem.empty()) problems.Add(node.place, problem);
}

std::string CheckText(const std::string& text, const Schema& schema) {
  return CheckScalar({.kind = YamlKind::kScalar, .text = text}, schema);
}

std::string Canonical(const std::string& text, const Schema& schema) {
  for (const auto& [synonym, meaning] : schema.synonyms) {
    if (text == synonym) return meaning;
  }
  return text;
}

}  // namespace stargaze::config
