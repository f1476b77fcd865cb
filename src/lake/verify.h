// Is the lake what its manifests say?

#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "lake/object_store.h"

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

// Reads every object that a manifest names, one at a time: size, checksum, and for responses the
// number of lines. `progress` is told of every manifest; may be empty.
Result<VerifyReport> VerifyLake(ObjectStore& store,
                                Instant now,
                                const std::function<void(const std::string& key)>& progress);

struct LakeUsage {
  std::string prefix{};  // "raw/github/repository", "analytics/repository"
  int64_t objects = 0;
  int64_t bytes = 0;
  int64_t median_bytes = 0;
  int64_t largest_bytes = 0;
};

// By layer and dataset or table, in byte order.
Result<std::vector<LakeUsage>> DiskUsage(ObjectStore& store);

}  // namespace stargaze::lake
