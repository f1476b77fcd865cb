// The `tables:` of a declaration, with columns taken from other tables.

#pragma once

#include <string>
#include <vector>

#include "config/problems.h"
#include "config/yaml.h"
#include "model/table.h"

namespace stargaze::config {

// Expects a root that was checked against DatasetSchema; what is malformed there is passed over
// silently.
std::vector<model::Table> ReadTables(const YamlNode& root, Problems& problems);

}  // namespace stargaze::config
