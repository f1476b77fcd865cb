// The `requests:` of a declaration, with `like` resolved.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/problems.h"
#include "config/yaml.h"
#include "model/dataset.h"

namespace stargaze::config {

// Expects a root that was checked against DatasetSchema; what is malformed there is passed over
// silently. `dataset` has its vars and tables already.
std::vector<model::Request> ReadRequests(const YamlNode& root,
                                         const model::Dataset& dataset,
                                         Problems& problems);

}  // namespace stargaze::config
