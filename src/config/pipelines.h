// pipelines/*.yaml into pipelines, with the tasks that datasets bring along.

#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "config/declaration_files.h"
#include "model/dataset.h"
#include "model/pipeline.h"

namespace stargaze::config {

// What a pipeline may say beyond its form; app knows it.
struct PipelineRules {
  std::vector<std::string> uses{};  // "collect", "refine", …
  // The orchestrator's parser of schedules; its error's message is shown. May be empty: not
  // checked.
  std::function<Status(const std::string& schedule)> check_schedule{};
};

// Reads and checks every file; a later file's pipeline replaces an earlier one of the same name. A
// task with for_each_dataset becomes one task `<id>_<dataset>` for each dataset of the pipeline,
// with.dataset = its name, and what comes after it comes after all of them. A pipeline that a
// dataset names and no file declares is made: collect, refine, load, by hand only. Sorted by
// dag_id. kInvalidInput lists all problems with file, line and key.
Result<std::vector<model::Pipeline>> ReadPipelines(std::span<const DeclarationFile> files,
                                                   const model::Catalog& catalog,
                                                   const PipelineRules& rules);

// JSON Schema (draft 2020-12) of a pipeline's file.
std::string PipelineJsonSchema();

}  // namespace stargaze::config
