// The tasks of a DAG's file: groups, inherited arguments, what waits for what.

#pragma once

#include <string>

#include "config/dag_reader.h"
#include "config/dag_rules.h"
#include "config/problems.h"
#include "config/yaml.h"
#include "model/dag.h"
#include "model/dataset.h"

namespace stargaze::config {

// Fills in dag.tasks from a document that keeps to DagSchema(); dag.dag_id is there already.
void ReadDagTasks(const YamlNode& root,
                  const DagContext& context,
                  model::Dag& dag,
                  Problems& problems);

// The callbacks that a DAG or a task names must be known.
void CheckCallbacks(const YamlNode& node, const DagRules& rules, Problems& problems);

// What to say of a dataset that is not in the catalog; empty: it is.
std::string UnknownDataset(const std::string& name, const model::Catalog& catalog);

}  // namespace stargaze::config
