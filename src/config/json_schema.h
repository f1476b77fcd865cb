// The published form of a Schema: JSON Schema, draft 2020-12, for editors and other programs.

#pragma once

#include <string>

#include "config/schema.h"

namespace stargaze::config {

// Indented JSON text. Keys that are not supported yet do not appear.
std::string ToJsonSchema(const Schema& schema, const std::string& title);

}  // namespace stargaze::config
