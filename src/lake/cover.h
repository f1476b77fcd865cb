// Which manifests readers take: a compacted one in place of those that it supersedes. Superseded
// manifests stay in the lake, for whoever looks an attempt up by its name; their objects do not.

#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "lake/object_store.h"
#include "model/manifest.h"

namespace stargaze::lake {

struct Cover {
  std::vector<std::string> keys{};              // To be read, in the order that they were given in.
  std::map<std::string, Instant> superseded{};  // Not to be read; since when.
};

// Reads only the compacted manifests among `keys`: their names tell.
Result<Cover> CoverOf(ObjectStore& store, std::span<const std::string> keys);

Result<Cover> ListCover(ObjectStore& store, model::Layer layer);
Result<Cover> ListCover(ObjectStore& store, model::Layer layer, const std::string& dataset);

struct PublishedManifest {
  std::string key{};  // Under which the attempt published it.
  model::Manifest manifest{};
};

// A compacted manifest's parts; any other is its own only part.
std::vector<PublishedManifest> AttemptsOf(const std::string& key, const model::Manifest& manifest);

// Every attempt's manifest of a dataset and day, by key, wherever its objects are by now: to be
// read by ReadObject.
Result<std::vector<PublishedManifest>> ReadAttempts(ObjectStore& store,
                                                    model::Layer layer,
                                                    const std::string& dataset,
                                                    Instant logical_date);

}  // namespace stargaze::lake
