#include "config/schema_parts.h"

#include <utility>

#include "config/text_checks.h"

namespace stargaze::config {

Schema Text(std::string name, std::string description) {
  return {.name = std::move(name), .description = std::move(description)};
}

Schema Boolean(std::string name, std::string description) {
  return {
      .name = std::move(name), .kind = SchemaKind::kBoolean, .description = std::move(description)};
}

Schema Integer(std::string name,
               std::string description,
               std::optional<int64_t> min,
               std::optional<int64_t> max) {
  return {.name = std::move(name),
          .kind = SchemaKind::kInteger,
          .description = std::move(description),
          .min = min,
          .max = max};
}

Schema Path(std::string name, std::string description) {
  return {.name = std::move(name),
          .description = std::move(description),
          .max_length = 512,
          .check = CheckJsonPath};
}

Schema Later(std::string name) {
  return {.name = std::move(name), .later = true};
}

Schema Required(Schema schema) {
  schema.required = true;
  return schema;
}

Schema ListOf(std::string name, std::string description, Schema element) {
  return {.name = std::move(name),
          .kind = SchemaKind::kList,
          .description = std::move(description),
          .min_items = 1,
          .parts = {std::move(element)}};
}

Schema MapOf(std::string name, std::string description, Schema element) {
  return {.name = std::move(name),
          .kind = SchemaKind::kNamed,
          .description = std::move(description),
          .parts = {std::move(element)}};
}

Schema TemplateMap(std::string name, std::string description) {
  Schema value{.kind = SchemaKind::kScalar, .check = CheckTemplate};
  return MapOf(std::move(name), std::move(description), std::move(value));
}

Schema IdentifierMap(std::string name, std::string description, Schema element) {
  Schema map = IdentifierSchema(std::move(name), std::move(description));
  map.kind = SchemaKind::kNamed;
  map.parts = {std::move(element)};
  return map;
}

Schema Days(std::string name) {
  return {.name = std::move(name),
          .description = "Days, as in 400d, or forever.",
          .pattern = "forever|[1-9][0-9]{0,4}d",
          .pattern_meaning = "days as in 400d, or forever"};
}

Schema Template(std::string name, std::string description) {
  return {.name = std::move(name),
          .kind = SchemaKind::kScalar,
          .description = std::move(description),
          .check = CheckTemplate};
}

Schema Choice(std::string name, std::string description, std::vector<std::string> choices) {
  return {.name = std::move(name),
          .description = std::move(description),
          .choices = std::move(choices)};
}

Schema Record(std::string name, std::string description, std::vector<Schema> parts) {
  return {.name = std::move(name),
          .kind = SchemaKind::kRecord,
          .description = std::move(description),
          .parts = std::move(parts)};
}

}  // namespace stargaze::config
