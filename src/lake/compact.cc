#include "lake/compact.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "base/crc32c.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "lake/object_bytes.h"

namespace stargaze::lake {
namespace {

using model::Layer;
using model::Manifest;
using model::ManifestObject;

// Something was published after the last compaction, as far as the listing tells.
bool HasNews(const std::vector<ObjectInfo>& day) {
  const auto newest =
      std::max_element(day.begin(), day.end(), [](const ObjectInfo& a, const ObjectInfo& b) {
        return a.modified_at < b.modified_at;
      });
  return std::any_of(day.begin(), day.end(), [&](const ObjectInfo& info) {
    return info.modified_at == newest->modified_at && !IsCompactionKey(info.key);
  });
}

Result<std::vector<Day>> DaysWithNews(ObjectStore& store,
                                      Layer layer,
                                      const std::string& dataset,
                                      const CompactOptions& options) {
  SG_TRY(const std::vector<ObjectInfo> objects, store.List(ManifestPrefix(layer, dataset)));
  std::map<Day, std::vector<ObjectInfo>> days;
  for (const ObjectInfo& object : objects) {
    const std::optional<Day> day = DayOfKey(object.key);
    if (!IsManifestKey(object.key) || !day || *day >= options.before) continue;
    if (!options.from || *day >= *options.from) days[*day].push_back(object);
  }
  std::vector<Day> chosen;
  for (const auto& [day, manifests] : days) {
    if (manifests.size() > 1 && HasNews(manifests)) chosen.push_back(day);
  }
  return chosen;
}

// By schema version; a single manifest stays as it is.
Result<std::vector<DayManifests>> ReadDay(ObjectStore& store,
                                          Layer layer,
                                          const std::string& dataset,
                                          Day day,
                                          const CompactOptions& options) {
  SG_TRY(const std::vector<std::string> keys, ListManifests(store, layer, dataset, day));
  SG_TRY(const Cover cover, CoverOf(store, keys));
  std::map<int, DayManifests> versions;
  for (const std::string& key : cover.keys) {
    SG_TRY(Manifest manifest, ReadManifest(store, key));
    const int version = manifest.schema_version;
    versions[version].manifests.push_back({.key = key, .manifest = std::move(manifest)});
  }
  std::vector<DayManifests> groups;
  for (auto& [version, group] : versions) {
    if (group.manifests.size() < 2) continue;
    group.layer = layer;
    group.dataset = dataset;
    group.day = day;
    group.schema_version = version;
    group.attempt = CompactionAttempt(options.attempt, dataset, version);
    groups.push_back(std::move(group));
  }
  return groups;
}

Manifest MovedPart(Manifest part, const std::map<std::string, Move>& moves) {
  for (ManifestObject& object : part.objects) {
    const auto move = moves.find(object.key);
    if (move == moves.end()) continue;
    if (object.origin.empty()) object.origin = object.key;
    object.key = move->second.key;
    object.offset += move->second.offset;
  }
  return part;
}

Manifest CompactedManifest(const DayManifests& day, MovedObjects moved, Instant started_at) {
  const Manifest& newest = day.manifests.back().manifest;
  Manifest compacted;
  compacted.layer = day.layer;
  compacted.host = newest.host;
  compacted.sandbox = newest.sandbox;
  compacted.dataset = day.dataset;
  compacted.schema_version = day.schema_version;
  compacted.declaration_hash = newest.declaration_hash;
  compacted.attempt = day.attempt;
  compacted.logical_date = day.day;
  compacted.started_at = started_at;
  compacted.objects = std::move(moved.objects);
  for (const auto& [key, manifest] : day.manifests) {
    compacted.complete = compacted.complete && manifest.complete;
    compacted.requests.sent += manifest.requests.sent;
    compacted.requests.charged += manifest.requests.charged;
    compacted.requests.retried += manifest.requests.retried;
    for (const auto& [rule, count] : manifest.quarantined) compacted.quarantined[rule] += count;
    compacted.supersedes.push_back(key);
    compacted.supersedes.insert(
        compacted.supersedes.end(), manifest.supersedes.begin(), manifest.supersedes.end());
    for (PublishedManifest& attempt : AttemptsOf(key, manifest))
      compacted.parts.push_back(MovedPart(std::move(attempt.manifest), moved.moves));
  }
  return compacted;
}

// Gathers whole gzip texts in a scratch file and puts it when it is large enough.
class Concatenation {
 public:
  Concatenation(ObjectStore& store, const DayManifests& day, const CompactOptions& options)
      : store_(store),
        day_(day),
        options_(options),
        path_(options.scratch_directory + "/" + day.attempt + ".ndjson.gz") {}
  ~Concatenation() {
    std::error_code error;
    std::filesystem::remove(path_, error);
  }
  Concatenation(const Concatenation&) = delete;
  Concatenation& operator=(const Concatenation&) = delete;

  Status Add(const ManifestObject& object) {
    SG_TRY(const std::string bytes, ReadObject(store_, object));
    if (next_.key.empty()) {
      next_ = {.key = RawObjectKey(day_.dataset, day_.day, day_.attempt, seq_++)};
      file_.open(path_, std::ios::binary | std::ios::trunc);
    }
    file_.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    moved.moves[object.key] = {.key = next_.key, .offset = next_.bytes};
    next_.crc32c = ExtendCrc32c(next_.crc32c, bytes);
    next_.bytes += object.bytes;
    next_.lines += object.lines;
    return next_.bytes >= options_.target_bytes ? Finish() : Ok();
  }

  // Puts what is left.
  Status Finish() {
    if (next_.key.empty()) return Ok();
    file_.close();
    if (!file_) {
      return Error(ErrorKind::kExhausted, "no space left for a scratch file: " + path_)
          .Remedy("free space on the disk of the data folder and compact again");
    }
    SG_RETURN_IF_ERROR(store_.PutFile(next_.key, path_, PutMode::kIfAbsent));
    moved.objects.push_back(std::exchange(next_, {}));
    return Ok();
  }

  MovedObjects moved;

 private:
  ObjectStore& store_;
  const DayManifests& day_;
  const CompactOptions& options_;
  std::string path_;
  std::ofstream file_;
  ManifestObject next_{};  // Without a key: none has been begun.
  int seq_ = 0;
};

Result<MovedObjects> Concatenate(ObjectStore& store,
                                 const DayManifests& day,
                                 const CompactOptions& options) {
  Concatenation concatenation(store, day, options);
  std::vector<ManifestObject> small;
  for (const auto& [key, manifest] : day.manifests) {
    for (const ManifestObject& object : manifest.objects) {
      if (object.bytes < options.target_bytes) {
        small.push_back(object);
      } else {
        concatenation.moved.objects.push_back(object);
      }
    }
  }
  if (small.size() == 1) {
    // Nothing is gained by a copy of it.
    concatenation.moved.objects.push_back(small.front());
    return std::move(concatenation.moved);
  }
  for (const ManifestObject& object : small) SG_RETURN_IF_ERROR(concatenation.Add(object));
  SG_RETURN_IF_ERROR(concatenation.Finish());
  return std::move(concatenation.moved);
}

}  // namespace

Result<CompactReport> CompactDays(ObjectStore& store,
                                  Layer layer,
                                  const std::string& dataset,
                                  Clock& clock,
                                  const CompactOptions& options,
                                  const MoveObjects& move) {
  CompactReport report;
  SG_TRY(const std::vector<Day> days, DaysWithNews(store, layer, dataset, options));
  for (const Day day : days) {
    SG_TRY(const std::vector<DayManifests> groups, ReadDay(store, layer, dataset, day, options));
    for (const DayManifests& group : groups) {
      ++report.days;
      report.manifests += static_cast<int64_t>(group.manifests.size());
      for (const auto& [key, manifest] : group.manifests) {
        report.objects_before += static_cast<int64_t>(manifest.objects.size());
        for (const ManifestObject& object : manifest.objects) report.bytes += object.bytes;
      }
      if (options.dry_run) continue;
      const Instant started_at = clock.Now();
      SG_TRY(MovedObjects moved, move(group));
      report.objects_after += static_cast<int64_t>(moved.objects.size());
      Manifest manifest = CompactedManifest(group, std::move(moved), started_at);
      manifest.ended_at = clock.Now();
      SG_TRY([[maybe_unused]] const std::string key, PublishManifest(store, manifest));
    }
  }
  return report;
}

Result<CompactReport> CompactRaw(ObjectStore& store,
                                 const std::string& dataset,
                                 Clock& clock,
                                 const CompactOptions& options) {
  return CompactDays(store, Layer::kRaw, dataset, clock, options, [&](const DayManifests& day) {
    return Concatenate(store, day, options);
  });
}

}  // namespace stargaze::lake
