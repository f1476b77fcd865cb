// The fields that a task and default_args share.

#pragma once

#include "config/yaml.h"
#include "model/dag.h"

namespace stargaze::config {

// `node` keeps to the schema of a task. What it does not say stays as it is in `task`.
void ReadTaskFields(const YamlNode& node, model::DagTask& task);

}  // namespace stargaze::config
