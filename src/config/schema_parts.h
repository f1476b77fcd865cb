// Pieces that the schemas of declarations are put together from.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "config/schema.h"

namespace stargaze::config {

Schema Text(std::string name, std::string description);
Schema Boolean(std::string name, std::string description);
Schema Integer(std::string name,
               std::string description,
               std::optional<int64_t> min = std::nullopt,
               std::optional<int64_t> max = std::nullopt);
Schema Path(std::string name, std::string description);  // A JSON path.
Schema Template(std::string name, std::string description);
Schema Days(std::string name);  // "400d" or "forever"
Schema Choice(std::string name, std::string description, std::vector<std::string> choices);

Schema Later(std::string name);
Schema Required(Schema schema);

Schema ListOf(std::string name, std::string description, Schema element);
// A map whose names the writer chooses freely.
Schema MapOf(std::string name, std::string description, Schema element);
Schema TemplateMap(std::string name, std::string description);
// A map whose names are identifiers.
Schema IdentifierMap(std::string name, std::string description, Schema element);
Schema Record(std::string name, std::string description, std::vector<Schema> parts);

}  // namespace stargaze::config
