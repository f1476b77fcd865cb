#include "lake/verify.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "base/crc32c.h"
#include "lake/compact.h"
#include "lake/gzip_writer.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"
#include "lake/sweep.h"

namespace stargaze::lake {
namespace {

using model::Layer;
using model::ManifestObject;

constexpr std::chrono::hours kYoung{24};
// Empty when the object is what the manifest says.
std::string WhatIsWrong(const ManifestObject& object, Layer layer, ObjectStore& store) {
  const Result<std::string> bytes = store.Get(object.key);
  if (!bytes.ok()) return bytes.error().message();
  const auto size = static_cast<int64_t>(bytes.value().size());
  if (size != object.bytes)
    return fmt::format("has {} bytes, its manifest says {}", size, object.bytes);
  if (Crc32c(bytes.value()) != object.crc32c) return "has another checksum than its manifest says";
  if (layer != Layer::kRaw) return "";
  int64_t lines = 0;
  const Status inflated = Inflate(bytes.value(), [&](std::string_view piece) -> Status {
    lines += std::count(piece.begin(), piece.end(), '\n');
    return Ok();
  });
  if (!inflated.ok()) return inflated.error().message();
  return lines == object.lines
             ? ""
             : fmt::format("has {} lines, its manifest says {}", lines, object.lines);
}

Status VerifyLayer(ObjectStore& store,
                   Layer layer,
                   const VerifyOptions& options,
                   std::set<std::string>& named,
                   VerifyReport& report) {
  SG_TRY(const std::vector<std::string> keys, ListManifests(store, layer));
  std::map<std::string, model::Manifest> manifests;
  std::set<std::string> superseded;
  for (const std::string& key : keys) {
    Result<model::Manifest> manifest = ReadManifest(store, key);
    if (!manifest.ok()) {
      report.damages.push_back({.key = key, .what = manifest.error().message()});
      continue;
    }
    superseded.insert(manifest.value().supersedes.begin(), manifest.value().supersedes.end());
    for (const ManifestObject& object : manifest.value().objects) named.insert(object.key);
    manifests.emplace(key, std::move(manifest).value());
    // Of a compacted manifest only the objects are of interest from here on.
    manifests[key].parts.clear();
    manifests[key].subjects.clear();
  }
  report.manifests += static_cast<int64_t>(keys.size());
  for (const auto& [key, manifest] : manifests) {
    if (options.progress) options.progress(key);
    const std::optional<Day> oldest =
        OldestKept(options.catalog, manifest.dataset, layer, options.now);
    const bool is_expired = oldest && DayOf(manifest.logical_date) < *oldest;
    // Readers do not take these objects, and a sweep may have deleted them.
    if (superseded.contains(key) || is_expired) continue;
    for (const ManifestObject& object : manifest.objects) {
      ++report.objects;
      report.bytes += object.bytes;
      std::string wrong = WhatIsWrong(object, layer, store);
      if (!wrong.empty()) report.damages.push_back({.key = object.key, .what = std::move(wrong)});
    }
  }
  return Ok();
}

// "raw/github/repository" and "quarantine/github/repository", but "analytics/repository".
std::string PrefixOf(const std::string& key) {
  const int depth =
      key.starts_with("analytics/") && !key.starts_with("analytics/manifest/") ? 2 : 3;
  std::size_t at = 0;
  for (int i = 0; i < depth && at != std::string::npos; ++i)
    at = key.find('/', at == 0 ? 0 : at + 1);
  return key.substr(0, at);
}

}  // namespace

Result<VerifyReport> VerifyLake(ObjectStore& store, const VerifyOptions& options) {
  VerifyReport report;
  std::set<std::string> named;
  for (const Layer layer : {Layer::kRaw, Layer::kAnalytics}) {
    SG_RETURN_IF_ERROR(VerifyLayer(store, layer, options, named, report));
  }
  for (const char* prefix : {"raw/", "analytics/"}) {
    SG_TRY(const std::vector<ObjectInfo> objects, store.List(prefix));
    for (const ObjectInfo& object : objects) {
      if (IsManifestKey(object.key) || named.contains(object.key)) continue;
      (options.now - object.modified_at < kYoung ? report.young_orphans : report.old_orphans)
          .push_back(object.key);
    }
  }
  return report;
}

Result<std::vector<LakeUsage>> DiskUsage(ObjectStore& store) {
  SG_TRY(const std::vector<ObjectInfo> objects, store.List(""));
  std::map<std::string, std::vector<int64_t>> sizes;
  std::map<std::string, int64_t> manifests;
  for (const ObjectInfo& object : objects) {
    // Beside a layer's objects manifests would only blur how large those are.
    const bool is_apart = IsManifestKey(object.key) && object.key.starts_with("raw/");
    if (is_apart) ++manifests[PrefixOf(object.key)];
    sizes[PrefixOf(object.key)];
    if (!is_apart) sizes[PrefixOf(object.key)].push_back(object.bytes);
  }
  std::vector<LakeUsage> usage;
  for (auto& [prefix, list] : sizes) {
    std::sort(list.begin(), list.end());
    LakeUsage one{.prefix = prefix,
                  .objects = static_cast<int64_t>(list.size()),
                  .manifests = manifests[prefix]};
    if (!list.empty()) {
      one.smallest_bytes = list.front();
      one.median_bytes = list[list.size() / 2];
      one.p90_bytes = list[list.size() * 9 / 10];
      one.largest_bytes = list.back();
    }
    for (const int64_t bytes : list) {
      one.bytes += bytes;
      if (bytes >= kCompactedBytes) ++one.large_objects;
    }
    usage.push_back(std::move(one));
  }
  return usage;
}

}  // namespace stargaze::lake
