// pipelines/*.yaml into DAGs and pools, with the tasks that datasets bring along.

#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"
#include "config/dag_rules.h"
#include "config/declaration_files.h"
#include "model/dag.h"
#include "model/dataset.h"

namespace stargaze::config {

// What is wrong with one file.
struct FileProblem {
  std::string file{};
  bool built_in = false;
  Error error{ErrorKind::kInvalidInput, ""};  // Its lines have file, line and key.
  bool earlier_version_stays = false;         // What was read from the file before is in force.
};

struct DagDeclarations {
  std::vector<model::Dag> dags{};    // Sorted by dag_id.
  std::vector<model::Pool> pools{};  // Sorted by name; default_pool is always there.
  std::vector<FileProblem> problems{};

  // kInvalidInput with all problems.
  Status ToStatus() const;
};

// A file whose text may be broken, and what may stand in for it then.
struct DagSource {
  DeclarationFile file{};
  std::optional<Error> unreadable{};          // Instead of file.text.
  std::optional<std::string> earlier_text{};  // The last one without a problem.
};

// Reads and checks every file on its own: a broken one stops no other. A later file's DAG replaces
// an earlier one of the same name, and so does a later file's pool. A broken file takes its DAG
// away, whoever else declares it: what a person meant to replace must not run instead. A DAG that a
// dataset names and no file declares is made: collect, refine, load, by hand only.
DagDeclarations ReadDags(std::span<const DagSource> sources,
                         const model::Catalog& catalog,
                         const DagRules& rules);
DagDeclarations ReadDags(std::span<const DeclarationFile> files,
                         const model::Catalog& catalog,
                         const DagRules& rules);

// JSON Schema (draft 2020-12) of a DAG's file and of pools.yaml.
std::string PipelineJsonSchema();
std::string PoolsJsonSchema();

}  // namespace stargaze::config
