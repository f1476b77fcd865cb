// Manifests as JSON objects in the lake.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "lake/object_store.h"
#include "model/manifest.h"

namespace stargaze::lake {

std::string EncodeManifest(const model::Manifest& manifest);

// Keys that a later version may add are passed over; a missing or mistyped one is kCorrupt and
// named.
Result<model::Manifest> DecodeManifest(std::string_view text);

// Puts the manifest, which makes its objects visible; gives its key. kConflict when the attempt has
// published already.
Result<std::string> PublishManifest(ObjectStore& store, const model::Manifest& manifest);

Result<model::Manifest> ReadManifest(ObjectStore& store, const std::string& key);

// Keys of a layer's manifests in byte order; of one dataset, of one day of it.
Result<std::vector<std::string>> ListManifests(ObjectStore& store, model::Layer layer);
Result<std::vector<std::string>> ListManifests(ObjectStore& store,
                                               model::Layer layer,
                                               const std::string& dataset);
Result<std::vector<std::string>> ListManifests(ObjectStore& store,
                                               model::Layer layer,
                                               const std::string& dataset,
                                               Instant logical_date);

}  // namespace stargaze::lake
