// catalog/<source>/<dataset>.yaml and catalog/<source>/source.yaml into values.

#pragma once

#include <string>
#include <string_view>

#include "config/problems.h"
#include "config/yaml.h"
#include "model/dataset.h"

namespace stargaze::config {

// Both report everything that is wrong with the form of the file; when the form is right,
// everything that does not fit together. What they give back is of use only when nothing is wrong.
// `text` is the whole file, for its hash.
model::Dataset ReadDataset(const YamlNode& root, std::string_view text, Problems& problems);
model::Source ReadSource(const YamlNode& root, Problems& problems);

// Keys that hold named things: "tables.license.columns.name" is called "license.name".
YamlOptions DeclarationYaml();

}  // namespace stargaze::config
