#include "config/json_schema.h"

#include <boost/json.hpp>

namespace stargaze::config {
namespace {

namespace json = boost::json;

json::array Strings(const std::vector<std::string>& texts) {
  json::array array;
  for (const std::string& text : texts) array.emplace_back(text);
  return array;
}

json::object ToJson(const Schema& schema);

void AddRecord(const Schema& schema, json::object& out) {
  json::object properties;
  json::array required;
  for (const Schema& part : schema.parts) {
    if (part.later) continue;
    properties[part.name] = ToJson(part);
    if (part.required) required.emplace_back(part.name);
  }
  out["type"] = "object";
  out["properties"] = std::move(properties);
  out["additionalProperties"] = false;
  if (!required.empty()) out["required"] = std::move(required);
}

void AddNamed(const Schema& schema, json::object& out) {
  out["type"] = "object";
  if (!schema.pattern.empty())
    out["propertyNames"] = json::object{{"pattern", "^" + schema.pattern + "$"}};
  out["additionalProperties"] = ToJson(schema.parts.front());
  if (schema.min_items > 0) out["minProperties"] = schema.min_items;
}

void AddText(const Schema& schema, json::object& out) {
  if (schema.kind == SchemaKind::kScalar) {
    out["type"] = json::array{"string", "number", "boolean"};
  } else {
    out["type"] = "string";
  }
  if (!schema.pattern.empty()) out["pattern"] = "^" + schema.pattern + "$";
  if (schema.choices.empty()) return;
  std::vector<std::string> words = schema.choices;
  for (const auto& [synonym, meaning] : schema.synonyms) words.push_back(synonym);
  out["enum"] = Strings(words);
}

json::object ToJson(const Schema& schema) {
  json::object out;
  if (!schema.description.empty()) out["description"] = schema.description;
  switch (schema.kind) {
    case SchemaKind::kText:
    case SchemaKind::kScalar:
      AddText(schema, out);
      break;
    case SchemaKind::kInteger:
      out["type"] = "integer";
      break;
    case SchemaKind::kBoolean:
      out["type"] = "boolean";
      break;
    case SchemaKind::kList:
      out["type"] = "array";
      out["items"] = ToJson(schema.parts.front());
      if (schema.min_items > 0) out["minItems"] = schema.min_items;
      break;
    case SchemaKind::kRecord:
      AddRecord(schema, out);
      break;
    case SchemaKind::kNamed:
      AddNamed(schema, out);
      break;
    case SchemaKind::kEither:
      out["anyOf"] = json::array{ToJson(schema.parts.front()), ToJson(schema.parts.back())};
      break;
  }
  if (schema.max_items)
    out[schema.kind == SchemaKind::kList ? "maxItems" : "maxProperties"] = *schema.max_items;
  if (schema.min) out["minimum"] = *schema.min;
  if (schema.max) out["maximum"] = *schema.max;
  return out;
}

void Print(const json::value& value, std::size_t depth, std::string& out) {
  const std::string indent(2 * (depth + 1), ' ');
  const std::string end(2 * depth, ' ');
  if (const json::object* object = value.if_object(); object != nullptr && !object->empty()) {
    std::string separator = "{\n";
    for (const auto& member : *object) {
      out += separator + indent + json::serialize(json::string(member.key())) + ": ";
      Print(member.value(), depth + 1, out);
      separator = ",\n";
    }
    out += "\n" + end + "}";
  } else if (const json::array* array = value.if_array();
             array != nullptr && !array->empty() && (*array)[0].is_object()) {
    std::string separator = "[\n";
    for (const json::value& item : *array) {
      out += separator + indent;
      Print(item, depth + 1, out);
      separator = ",\n";
    }
    out += "\n" + end + "]";
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string ToJsonSchema(const Schema& schema, const std::string& title) {
  json::object root{{"$schema", "https://json-schema.org/draft/2020-12/schema"}, {"title", title}};
  for (auto& member : ToJson(schema)) root[member.key()] = member.value();
  std::string text;
  Print(root, 0, text);
  return text + "\n";
}

}  // namespace stargaze::config
