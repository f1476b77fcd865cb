// Deletes what no reader needs any more: leftovers of killed attempts, objects whose content a
// compaction has moved, and what a declaration's retention lets go. Manifests are never deleted.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "lake/object_store.h"
#include "model/dataset.h"
#include "model/manifest.h"

namespace stargaze::lake {

// The first day of a dataset whose objects are still kept; nullopt when all are.
std::optional<Day> OldestKept(const model::Catalog& catalog,
                              const std::string& dataset,
                              model::Layer layer,
                              Instant now);

enum class SweepReason { kLeftover, kSuperseded, kExpired };

std::string_view NameOf(SweepReason reason);

struct SweptObject {
  std::string key{};
  int64_t bytes = 0;
  SweepReason reason = SweepReason::kLeftover;
};

struct SweepOptions {
  Instant now{};
  bool dry_run = false;
};

// What was deleted, or would be. An object without a manifest goes once it and its logical day are
// a day old, longer than any attempt lives; a superseded one a week after the compaction, so that
// who had listed it can still read it. Stopped anywhere, the next sweep goes on.
Result<std::vector<SweptObject>> SweepLake(ObjectStore& store,
                                           const model::Catalog& catalog,
                                           const SweepOptions& options);

}  // namespace stargaze::lake
