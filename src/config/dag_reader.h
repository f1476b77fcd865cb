// One file's text into a DAG or into pools.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "config/dag_rules.h"
#include "config/declaration_files.h"
#include "model/dag.h"
#include "model/dataset.h"

namespace stargaze::config {

// What a DAG may refer to.
struct DagContext {
  const model::Catalog& catalog;
  const DagRules& rules;
  const std::vector<model::Pool>& pools;
};

// Tasks inherit from the default_args of the DAG, then from those of their group. A group that is
// waited for stands for its last tasks, and what a group waits for its first tasks do. The tasks
// are in written order, those of datasets in their places. kInvalidInput lists all problems with
// file, line and key.
Result<model::Dag> ReadDag(const DeclarationFile& file, const DagContext& context);

Result<std::vector<model::Pool>> ReadPools(const DeclarationFile& file);

// Pools are declared in files of this name, DAGs in all others.
bool DeclaresPools(const DeclarationFile& file);

// "github_repo" of "pipelines/github_repo.yaml": what a DAG in it must be called.
std::string StemOf(const DeclarationFile& file);

}  // namespace stargaze::config
