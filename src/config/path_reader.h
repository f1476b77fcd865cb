// JSON paths in declarations.

#pragma once

#include "config/problems.h"
#include "config/yaml.h"
#include "model/json_path.h"

namespace stargaze::config {

// The path in a scalar; an empty one for an absent or malformed node, which the schema's check has
// reported.
model::JsonPath ReadPath(const YamlNode* node);
// The same for one that must lead to a single value; reports [*].
model::JsonPath ReadValuePath(const YamlNode* node, Problems& problems);
// The same for the way to a list of records: at most one [*], at its end, and no [number].
model::JsonPath ReadRecordsPath(const YamlNode* node, Problems& problems);

}  // namespace stargaze::config
