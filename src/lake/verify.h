// Is the lake what its manifests say?

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "lake/object_store.h"
#include "model/dataset.h"

namespace stargaze::lake {

struct Damage {
  std::string key{};
  std::string what{};
};

struct VerifyReport {
  int64_t manifests = 0;
  int64_t objects = 0;  // Named by manifests.
  int64_t bytes = 0;
  std::vector<Damage> damages{};
  // Objects that no manifest names: of an attempt that still runs, or, older than a day, of one
  // that was killed.
  std::vector<std::string> young_orphans{};
  std::vector<std::string> old_orphans{};
};

struct VerifyOptions {
  Instant now{};
  const model::Catalog& catalog;                           // Says what may have expired.
  std::function<void(const std::string& key)> progress{};  // Told of every manifest; may be empty.
};

// Reads every object that readers take, one at a time: size, checksum, and for responses the number
// of lines. Superseded and expired objects may be gone.
Result<VerifyReport> VerifyLake(ObjectStore& store, const VerifyOptions& options);

struct LakeUsage {
  std::string prefix{};  // "raw/github/repository", "analytics/repository"
  int64_t objects = 0;   // Without the manifests that stand beside raw objects.
  int64_t manifests = 0;
  int64_t bytes = 0;
  int64_t smallest_bytes = 0;
  int64_t median_bytes = 0;
  int64_t p90_bytes = 0;
  int64_t largest_bytes = 0;
  int64_t large_objects = 0;  // Of the size that compaction aims at, or more.
};

// By layer and dataset or table, in byte order.
Result<std::vector<LakeUsage>> DiskUsage(ObjectStore& store);

}  // namespace stargaze::lake
