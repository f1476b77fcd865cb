// Many small objects of one dataset and day become few: the plan, the manifest, and the raw layer's
// way of moving bytes. How rows of the analytics lake are moved is refine/compact_rows.h.
//
// Objects first, the manifest last: stopped anywhere, the lake is as it was or as it shall be, and
// what was put in vain is swept as a leftover.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "lake/cover.h"
#include "lake/object_store.h"
#include "model/manifest.h"

namespace stargaze::lake {

// An object of this size is left alone, and an object is made so large where there is that much.
inline constexpr int64_t kCompactedBytes = int64_t{64} << 20;

struct CompactOptions {
  std::string attempt{};            // Attempt::Name() of the task, or of the command.
  std::string scratch_directory{};  // For objects on their way into the lake; must exist.
  std::optional<Day> from{};        // Days before have expired: nothing is left of them to move.
  Day before{};                     // Exclusive; a day that still runs is not worth it.
  int64_t target_bytes = kCompactedBytes;
  bool dry_run = false;
};

struct CompactReport {
  int64_t days = 0;
  int64_t manifests = 0;  // Superseded.
  int64_t objects_before = 0;
  int64_t objects_after = 0;  // 0 when it was a dry run.
  int64_t bytes = 0;          // Of the objects before.
};

// The manifests of one dataset, day and schema version, which together give one.
struct DayManifests {
  model::Layer layer = model::Layer::kRaw;
  std::string dataset{};
  Day day{};
  int schema_version = 1;
  std::string attempt{};  // The compaction's own.
  std::vector<PublishedManifest> manifests{};
};

// Where an object's bytes went.
struct Move {
  std::string key{};
  int64_t offset = 0;
};

struct MovedObjects {
  std::vector<model::ManifestObject> objects{};  // What the new manifest names.
  std::map<std::string, Move> moves{};           // By former key; one that is kept is not in it.
};

using MoveObjects = std::function<Result<MovedObjects>(const DayManifests& day)>;

// Finds the days worth compacting, has `move` write their objects, and publishes a manifest for
// each. A day to which nothing was added since its last compaction is not read.
Result<CompactReport> CompactDays(ObjectStore& store,
                                  model::Layer layer,
                                  const std::string& dataset,
                                  Clock& clock,
                                  const CompactOptions& options,
                                  const MoveObjects& move);

// Responses: gzip members one after the other, nothing is compressed anew.
Result<CompactReport> CompactRaw(ObjectStore& store,
                                 const std::string& dataset,
                                 Clock& clock,
                                 const CompactOptions& options);

}  // namespace stargaze::lake
