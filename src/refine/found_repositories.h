// Which repositories a request's walk found: what a follow rule works on.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "lake/object_store.h"
#include "model/dataset.h"
#include "model/manifest.h"

namespace stargaze::refine {

struct FoundRecord {
  int64_t repository_id = 0;
  std::string node_id{};
  std::string full_name{};
};

// Each repository of the request's responses once, by id, as the newest response has it. The
// declaration's first table must have the columns repository_id, node_id and full_name; a record
// without them gives nothing: refine lists it.
Result<std::vector<FoundRecord>> FoundRepositories(const model::Manifest& raw,
                                                   const std::string& request,
                                                   const model::Dataset& dataset,
                                                   lake::ObjectStore& lake);

}  // namespace stargaze::refine
