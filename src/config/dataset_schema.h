// The keys of catalog/<source>/<dataset>.yaml and catalog/<source>/source.yaml.

#pragma once

#include <string>

#include "config/schema.h"

namespace stargaze::config {

const Schema& DatasetSchema();
const Schema& SourceSchema();
const Schema& ColumnTypeSchema();  // The part of DatasetSchema that resolves "int64" to "integer".

// JSON Schema (draft 2020-12) of a dataset's declaration, for editors: `stargaze catalog schema`.
std::string DatasetJsonSchema();

}  // namespace stargaze::config
