#include "serve/schema_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace stargaze::serve {
namespace {

namespace json = boost::json;

constexpr std::string_view kBlanks = " ";

std::string_view TakeWord(std::string_view& line) {
  const std::size_t end = std::min(line.find(' '), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  line.remove_prefix(std::min(line.find_first_not_of(kBlanks), line.size()));
  return word;
}

const std::map<std::string_view, json::object>& PlainTypes() {
  static const std::map<std::string_view, json::object> kTypes{
      {"string", {{"type", "string"}}},
      {"integer", {{"type", "integer"}, {"format", "int64"}}},
      {"number", {{"type", "number"}}},
      {"boolean", {{"type", "boolean"}}},
      {"day", {{"type", "string"}, {"format", "date"}, {"description", "A UTC date."}}},
      {"instant",
       {{"type", "string"}, {"format", "date-time"}, {"description", "RFC 3339 in UTC."}}},
      {"any", json::object()},
      {"map", {{"type", "object"}, {"additionalProperties", true}}},
  };
  return kTypes;
}

bool IsName(std::string_view word) {
  return !word.empty() && std::all_of(word.begin(), word.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_';
  });
}

json::object OrNull(json::object schema) {
  if (const json::value* type = schema.if_contains("type"); type != nullptr && type->is_string()) {
    schema["type"] = json::array{*type, "null"};
    if (json::value* words = schema.if_contains("enum")) words->as_array().push_back(nullptr);
    return schema;
  }
  if (schema.empty()) return schema;
  return {{"oneOf", json::array{std::move(schema), json::object{{"type", "null"}}}}};
}

Result<json::object> WordsSchema(std::string_view type) {
  json::array words;
  for (std::size_t at = 0; at <= type.size();) {
    const std::size_t bar = std::min(type.find('|', at), type.size());
    words.push_back(json::value_from(std::string(type.substr(at, bar - at))));
    at = bar + 1;
  }
  return json::object{{"type", "string"}, {"enum", words}};
}

Status AddField(std::string_view line, json::object& form) {
  std::string_view name = TakeWord(line);
  const bool optional = name.ends_with('*');
  if (optional) name.remove_suffix(1);
  const std::string_view type = TakeWord(line);
  if (!IsName(name)) return Error(ErrorKind::kInvalidInput, "not a field's name");
  SG_TRY(json::object schema, TypeSchema(type));
  if (!line.empty()) schema["description"] = json::value_from(std::string(line));
  form["properties"].as_object()[name] = std::move(schema);
  if (!optional) form["required"].as_array().push_back(json::value_from(std::string(name)));
  return Ok();
}

json::object NewForm(std::string_view description) {
  json::object form{{"type", "object"},
                    {"additionalProperties", false},
                    {"required", json::array()},
                    {"properties", json::object()}};
  if (!description.empty()) form["description"] = json::value_from(std::string(description));
  return form;
}

}  // namespace

Result<json::object> TypeSchema(std::string_view type) {
  if (type.ends_with('?')) {
    SG_TRY(json::object schema, TypeSchema(type.substr(0, type.size() - 1)));
    return OrNull(std::move(schema));
  }
  if (type.starts_with('[') && type.ends_with(']')) {
    SG_TRY(json::object items, TypeSchema(type.substr(1, type.size() - 2)));
    return json::object{{"type", "array"}, {"items", std::move(items)}};
  }
  if (type.find('|') != std::string_view::npos) return WordsSchema(type);
  const auto plain = PlainTypes().find(type);
  if (plain != PlainTypes().end()) return plain->second;
  if (IsName(type) && std::isupper(static_cast<unsigned char>(type.front())) != 0)
    return json::object{{"$ref", "#/components/schemas/" + std::string(type)}};
  return Error(ErrorKind::kInvalidInput, fmt::format("unknown type '{}'", type));
}

Status AddSchemas(std::string_view text, json::object& schemas) {
  json::object* form = nullptr;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.find_first_not_of(kBlanks) == std::string_view::npos) continue;
    const auto wrong = [&](const std::string& why) {
      return Error(ErrorKind::kInvalidInput,
                   fmt::format("schema line {}: {}: '{}'", number, why, line));
    };
    if (line.starts_with(' ')) {
      if (form == nullptr) return wrong("a field without a form");
      line.remove_prefix(line.find_first_not_of(kBlanks));
      if (const Status added = AddField(line, *form); !added.ok())
        return wrong(added.error().message());
      continue;
    }
    const std::size_t colon = line.find(": ");
    const std::string name(line.substr(0, colon));
    if (!IsName(name)) return wrong("not a form's name");
    if (schemas.contains(name)) return wrong("declared twice");
    const std::string_view about = colon == std::string_view::npos ? "" : line.substr(colon + 2);
    form = &(schemas[name] = NewForm(about)).as_object();
  }
  return Ok();
}

}  // namespace stargaze::serve
