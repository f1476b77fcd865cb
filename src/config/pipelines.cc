#include "config/pipelines.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "config/dag_expansion.h"
#include "config/dag_reader.h"
#include "config/dag_schema.h"
#include "config/json_schema.h"

namespace stargaze::config {
namespace {

using model::Dag;
using model::Pool;

class Collection {
 public:
  Collection(const model::Catalog& catalog, const DagRules& rules)
      : catalog_(catalog), rules_(rules) {}

  DagDeclarations Read(std::span<const DagSource> sources) {
    for (const DagSource& source : sources) {
      if (DeclaresPools(source.file)) AddPools(source);
    }
    TakePools();
    for (const DagSource& source : sources) {
      if (!DeclaresPools(source.file)) AddDag(source);
    }
    AddDefaults();
    for (auto& [dag_id, dag] : dags_) found_.dags.push_back(std::move(dag));
    return std::move(found_);
  }

 private:
  // By `read` of the text, or of the earlier one when that fails; nullopt when both do.
  template <typename T, typename Read>
  std::optional<T> ReadEither(const DagSource& source, Read read) {
    Result<T> now = source.unreadable ? Result<T>(*source.unreadable) : read(source.file);
    if (now.ok()) return std::move(now).value();
    FileProblem& problem = found_.problems.emplace_back(FileProblem{
        .file = source.file.path, .built_in = source.file.built_in, .error = now.error()});
    if (!source.earlier_text) return std::nullopt;
    Result<T> earlier = read(
        {.path = source.file.path, .text = *source.earlier_text, .built_in = source.file.built_in});
    problem.earlier_version_stays = earlier.ok();
    return earlier.ok() ? std::optional<T>(std::move(earlier).value()) : std::nullopt;
  }

  void AddPools(const DagSource& source) {
    auto pools = ReadEither<std::vector<Pool>>(source, &ReadPools);
    if (!pools) return;
    for (Pool& pool : *pools) {
      const std::string name = pool.name;
      pools_.insert_or_assign(name, std::move(pool));
    }
  }

  void TakePools() {
    const std::string name(model::kDefaultPool);
    pools_.emplace(name,
                   Pool{.name = name,
                        .slots = model::kDefaultPoolSlots,
                        .description = "Tasks that name no other pool."});
    for (auto& [key, pool] : pools_) found_.pools.push_back(std::move(pool));
  }

  void AddDag(const DagSource& source) {
    const DagContext context{.catalog = catalog_, .rules = rules_, .pools = found_.pools};
    auto dag = ReadEither<Dag>(source,
                               [&](const DeclarationFile& file) { return ReadDag(file, context); });
    const std::string dag_id = StemOf(source.file);
    declared_.insert(dag_id);
    if (dag) {
      dags_.insert_or_assign(dag_id, *std::move(dag));
    } else {
      dags_.erase(dag_id);
    }
  }

  void AddDefaults() {
    for (const model::Dataset& dataset : catalog_.datasets) {
      if (dataset.dag.empty() || !declared_.insert(dataset.dag).second) continue;
      dags_.emplace(dataset.dag, DefaultDag(dataset.dag, catalog_, found_.pools, rules_));
    }
  }

  const model::Catalog& catalog_;
  const DagRules& rules_;
  DagDeclarations found_;
  std::map<std::string, Pool> pools_;
  std::map<std::string, Dag> dags_;
  std::set<std::string> declared_;  // By a file, broken or not.
};

}  // namespace

Status DagDeclarations::ToStatus() const {
  if (problems.empty()) return Ok();
  std::string text;
  for (const FileProblem& problem : problems)
    text += (text.empty() ? "" : "\n") + problem.error.message();
  return Error(ErrorKind::kInvalidInput, text);
}

DagDeclarations ReadDags(std::span<const DagSource> sources,
                         const model::Catalog& catalog,
                         const DagRules& rules) {
  return Collection(catalog, rules).Read(sources);
}

DagDeclarations ReadDags(std::span<const DeclarationFile> files,
                         const model::Catalog& catalog,
                         const DagRules& rules) {
  std::vector<DagSource> sources;
  for (const DeclarationFile& file : files) sources.push_back({.file = file});
  return ReadDags(std::span<const DagSource>(sources), catalog, rules);
}

std::string PipelineJsonSchema() {
  return ToJsonSchema(DagSchema(), "Stargaze pipeline");
}

std::string PoolsJsonSchema() {
  return ToJsonSchema(PoolsSchema(), "Stargaze pools");
}

}  // namespace stargaze::config
