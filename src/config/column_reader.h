// One column of a declaration.

#pragma once

#include "config/problems.h"
#include "config/yaml.h"
#include "model/table.h"

namespace stargaze::config {

// Expects a map that was checked against the schema. With `from_source` the column must say where
// its value is.
model::Column ReadColumn(const YamlNode& node, bool from_source, Problems& problems);

}  // namespace stargaze::config
