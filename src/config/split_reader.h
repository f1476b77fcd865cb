// The `split:` of a request.

#pragma once

#include <optional>

#include "config/problems.h"
#include "config/yaml.h"
#include "model/dataset.h"

namespace stargaze::config {

std::optional<model::Split> ReadSplit(const YamlNode& request,
                                      const model::Dataset& dataset,
                                      Problems& problems);

// That the request's query ranges over the band.
void CheckBand(const YamlNode& node, const model::Request& request, Problems& problems);

// The column that a scalar names; nullptr, and the problem is reported, when there is none.
const model::Column* FindNamedColumn(const model::Table& table,
                                     const YamlNode& name,
                                     Problems& problems);

}  // namespace stargaze::config
