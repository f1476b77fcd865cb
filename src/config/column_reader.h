// One column of a declaration.

#pragma once

#include <string>

#include "config/problems.h"
#include "config/yaml.h"
#include "model/table.h"

namespace stargaze::config {

// What a column may be made of in its dataset.
struct ColumnSources {
  bool has_requests = false;  // Then a column must say where its value is.
  bool has_subjects = false;  // for_each: followed
  std::string index{};        // explode.index
};

// Expects a map that was checked against the schema.
model::Column ReadColumn(const YamlNode& node, const ColumnSources& sources, Problems& problems);

}  // namespace stargaze::config
