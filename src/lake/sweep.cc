#include "lake/sweep.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <map>
#include <set>
#include <utility>

#include "lake/layout.h"
#include "lake/manifest_codec.h"

namespace stargaze::lake {
namespace {

using model::Layer;
using model::Manifest;

constexpr std::chrono::hours kLeftoverAge{24};
constexpr std::chrono::hours kSupersededAge{7 * 24};
// Whoever clears a run that is older has its batches drawn up anew.
constexpr std::chrono::days kBatchesKept{90};
constexpr std::array<std::string_view, 3> kReasons{"leftover", "superseded", "expired"};

// A data object's place; which layer's attempt wrote it follows from its key.
struct DataObject {
  ObjectInfo info{};
  // One may have written it; several may fill a table. None: a table that nobody declares any more.
  std::vector<std::string> datasets{};
  Day day{};
  std::string attempt{};
};

class Sweep {
 public:
  Sweep(ObjectStore& store, const model::Catalog& catalog, const SweepOptions& options)
      : store_(store), catalog_(catalog), options_(options) {}

  Result<std::vector<SweptObject>> Run() {
    // Objects before manifests: what is published in between is not taken for a leftover.
    SG_RETURN_IF_ERROR(ListObjects());
    SG_RETURN_IF_ERROR(ReadManifests(Layer::kRaw));
    SG_RETURN_IF_ERROR(ReadManifests(Layer::kAnalytics));
    for (const DataObject& object : objects_) SG_RETURN_IF_ERROR(Judge(object));
    SG_RETURN_IF_ERROR(SweepBatches());
    return swept_;
  }

 private:
  using DatasetDay = std::pair<std::string, Day>;

  static Layer LayerOf(const std::string& key) {
    return key.starts_with("raw/") ? Layer::kRaw : Layer::kAnalytics;
  }

  Status ListObjects() {
    for (const char* prefix : {"raw/", "analytics/", "quarantine/"}) {
      SG_TRY(std::vector<ObjectInfo> listed, store_.List(prefix));
      for (ObjectInfo& info : listed) {
        DataObject object{.attempt = AttemptOfObjectKey(info.key)};
        if (object.attempt.empty()) continue;
        const std::string owner = OwnerOfObjectKey(info.key);
        if (info.key.starts_with("analytics/")) {
          for (const model::Dataset& dataset : catalog_.datasets) {
            if (dataset.FindTable(owner) != nullptr) object.datasets.push_back(dataset.name);
          }
        } else {
          object.datasets = {owner};
        }
        object.day = *DayOfKey(info.key);
        object.info = std::move(info);
        objects_.push_back(std::move(object));
      }
    }
    return Ok();
  }

  // Reads the compacted manifests of days that other attempts than the compaction have objects in;
  // of all others the names are enough.
  Status ReadManifests(Layer layer) {
    std::map<DatasetDay, std::set<std::string>> writers;
    for (const DataObject& object : objects_) {
      if (LayerOf(object.info.key) != layer || object.info.key.starts_with("quarantine/")) continue;
      for (const std::string& dataset : object.datasets)
        writers[{dataset, object.day}].insert(object.attempt);
    }
    SG_TRY(const std::vector<std::string> keys, ListManifests(store_, layer));
    std::map<std::string, Manifest> compacted;
    std::set<std::string> superseded;
    for (const std::string& key : keys) {
      const std::optional<Day> day = DayOfKey(key);
      if (!day) continue;
      const std::string dataset = DatasetOfManifestKey(key);
      published_[layer].insert({{dataset, *day}, AttemptOfManifestKey(key)});
      if (!IsCompactionKey(key)) continue;
      std::set<std::string> others = writers[{dataset, *day}];
      others.erase(AttemptOfManifestKey(key));
      if (others.empty()) continue;
      SG_TRY(const auto entry, ReadManifest(store_, key));
      superseded.insert(entry.supersedes.begin(), entry.supersedes.end());
      compacted.emplace(key, entry);
    }
    for (const auto& [key, manifest] : compacted) {
      if (!superseded.contains(key)) SG_RETURN_IF_ERROR(AddMoved(manifest));
    }
    return Ok();
  }

  // What a compaction that readers take made superfluous, and what it needs.
  Status AddMoved(const Manifest& manifest) {
    for (const model::ManifestObject& object : manifest.objects) needed_.insert(object.key);
    if (options_.now - manifest.ended_at < kSupersededAge) return Ok();
    for (const Manifest& part : manifest.parts) {
      for (const model::ManifestObject& object : part.objects) {
        if (!object.origin.empty()) moved_.insert(object.origin);
      }
    }
    for (const std::string& key : manifest.supersedes) {
      if (!IsCompactionKey(key)) continue;
      SG_TRY(const Manifest earlier, ReadManifest(store_, key));
      for (const model::ManifestObject& object : earlier.objects) moved_.insert(object.key);
    }
    return Ok();
  }

  bool IsLeftover(const DataObject& object) {
    if (options_.now - object.info.modified_at < kLeftoverAge) return false;
    if (options_.now - Instant(object.day + std::chrono::days(1)) < kLeftoverAge) return false;
    const auto& published = published_[LayerOf(object.info.key)];
    return !object.datasets.empty() &&
           std::none_of(
               object.datasets.begin(), object.datasets.end(), [&](const std::string& dataset) {
                 return published.contains({{dataset, object.day}, object.attempt});
               });
  }

  bool IsExpired(const DataObject& object) const {
    // What quarantine holds is the source's own text, as the raw layer's.
    const Layer layer = object.info.key.starts_with("analytics/") ? Layer::kAnalytics : Layer::kRaw;
    return !object.datasets.empty() &&
           std::all_of(
               object.datasets.begin(), object.datasets.end(), [&](const std::string& dataset) {
                 const std::optional<Day> oldest =
                     OldestKept(catalog_, dataset, layer, options_.now);
                 return oldest && object.day < *oldest;
               });
  }

  Status Judge(const DataObject& object) {
    std::optional<SweepReason> reason;
    const std::string& key = object.info.key;
    if (IsLeftover(object)) reason = SweepReason::kLeftover;
    if (moved_.contains(key) && !needed_.contains(key)) reason = SweepReason::kSuperseded;
    if (IsExpired(object)) reason = SweepReason::kExpired;
    return reason ? Remove(object.info, *reason) : Ok();
  }

  Status SweepBatches() {
    SG_TRY(const std::vector<ObjectInfo> listed, store_.List(std::string(kBatchesPrefix)));
    for (const ObjectInfo& info : listed) {
      const std::optional<Day> day = DayOfKey(info.key);
      const Instant oldest = options_.now - kBatchesKept;
      // A run of an old date may have been made today.
      if (!day || Instant(*day) >= oldest || info.modified_at >= oldest) continue;
      SG_RETURN_IF_ERROR(Remove(info, SweepReason::kExpired));
    }
    return Ok();
  }

  Status Remove(const ObjectInfo& info, SweepReason reason) {
    if (!options_.dry_run) SG_RETURN_IF_ERROR(store_.Delete(info.key));
    swept_.push_back({.key = info.key, .bytes = info.bytes, .reason = reason});
    return Ok();
  }

  ObjectStore& store_;
  const model::Catalog& catalog_;
  const SweepOptions& options_;
  std::vector<DataObject> objects_;
  std::map<Layer, std::set<std::pair<DatasetDay, std::string>>> published_;  // Attempts.
  std::set<std::string> moved_;   // Objects whose content stands elsewhere.
  std::set<std::string> needed_;  // Objects of compactions that readers take.
  std::vector<SweptObject> swept_;
};

}  // namespace

std::optional<Day> OldestKept(const model::Catalog& catalog,
                              const std::string& dataset,
                              Layer layer,
                              Instant now) {
  const model::Dataset* found = catalog.FindDataset(dataset);
  if (found == nullptr) return std::nullopt;
  const auto& kept = layer == Layer::kRaw ? found->retention.raw : found->retention.analytics;
  if (!kept) return std::nullopt;
  return DayOf(now) - *kept;
}

std::string_view NameOf(SweepReason reason) {
  return kReasons.at(static_cast<std::size_t>(reason));
}

Result<std::vector<SweptObject>> SweepLake(ObjectStore& store,
                                           const model::Catalog& catalog,
                                           const SweepOptions& options) {
  return Sweep(store, catalog, options).Run();
}

}  // namespace stargaze::lake
