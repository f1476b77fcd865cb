#include "lake/cover.h"

#include <algorithm>
#include <utility>

#include "lake/layout.h"
#include "lake/manifest_codec.h"

namespace stargaze::lake {

Result<Cover> CoverOf(ObjectStore& store, std::span<const std::string> keys) {
  Cover cover;
  for (const std::string& key : keys) {
    if (!IsCompactionKey(key)) continue;
    SG_TRY(const model::Manifest manifest, ReadManifest(store, key));
    for (const std::string& superseded : manifest.supersedes) {
      const auto [known, is_new] = cover.superseded.emplace(superseded, manifest.ended_at);
      if (!is_new) known->second = std::min(known->second, manifest.ended_at);
    }
  }
  for (const std::string& key : keys) {
    if (!cover.superseded.contains(key)) cover.keys.push_back(key);
  }
  return cover;
}

Result<Cover> ListCover(ObjectStore& store, model::Layer layer) {
  SG_TRY(const std::vector<std::string> keys, ListManifests(store, layer));
  return CoverOf(store, keys);
}

Result<Cover> ListCover(ObjectStore& store, model::Layer layer, const std::string& dataset) {
  SG_TRY(const std::vector<std::string> keys, ListManifests(store, layer, dataset));
  return CoverOf(store, keys);
}

std::vector<PublishedManifest> AttemptsOf(const std::string& key, const model::Manifest& manifest) {
  if (manifest.supersedes.empty()) return {{.key = key, .manifest = manifest}};
  std::vector<PublishedManifest> attempts;
  for (const model::Manifest& part : manifest.parts) {
    attempts.push_back(
        {.key = ManifestKey(part.layer, part.dataset, part.logical_date, part.attempt),
         .manifest = part});
  }
  return attempts;
}

Result<std::vector<PublishedManifest>> ReadAttempts(ObjectStore& store,
                                                    model::Layer layer,
                                                    const std::string& dataset,
                                                    Instant logical_date) {
  SG_TRY(const std::vector<std::string> keys, ListManifests(store, layer, dataset, logical_date));
  SG_TRY(const Cover cover, CoverOf(store, keys));
  std::vector<PublishedManifest> attempts;
  for (const std::string& key : cover.keys) {
    SG_TRY(const model::Manifest manifest, ReadManifest(store, key));
    std::vector<PublishedManifest> parts = AttemptsOf(key, manifest);
    std::move(parts.begin(), parts.end(), std::back_inserter(attempts));
  }
  const auto by_key = [](const PublishedManifest& a, const PublishedManifest& b) {
    return a.key < b.key;
  };
  const auto same_key = [](const PublishedManifest& a, const PublishedManifest& b) {
    return a.key == b.key;
  };
  std::stable_sort(attempts.begin(), attempts.end(), by_key);
  attempts.erase(std::unique(attempts.begin(), attempts.end(), same_key), attempts.end());
  return attempts;
}

}  // namespace stargaze::lake
