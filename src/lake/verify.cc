#include "lake/verify.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <set>

#include "base/crc32c.h"
#include "lake/gzip_writer.h"
#include "lake/layout.h"
#include "lake/manifest_codec.h"

namespace stargaze::lake {
namespace {

using model::Layer;
using model::ManifestObject;

constexpr std::chrono::hours kYoung{24};
// An object holds at most 64 MiB compressed; text compresses no better than about 1:100.
constexpr int64_t kInflatedMax = int64_t{8} << 30;

// Empty when the object is what the manifest says.
std::string WhatIsWrong(const ManifestObject& object, Layer layer, ObjectStore& store) {
  const Result<std::string> bytes = store.Get(object.key);
  if (!bytes.ok()) return bytes.error().message();
  const auto size = static_cast<int64_t>(bytes.value().size());
  if (size != object.bytes)
    return fmt::format("has {} bytes, its manifest says {}", size, object.bytes);
  if (Crc32c(bytes.value()) != object.crc32c) return "has another checksum than its manifest says";
  if (layer != Layer::kRaw) return "";
  const Result<std::string> text = Gunzip(bytes.value(), kInflatedMax);
  if (!text.ok()) return text.error().message();
  const auto lines = std::count(text.value().begin(), text.value().end(), '\n');
  return lines == object.lines
             ? ""
             : fmt::format("has {} lines, its manifest says {}", lines, object.lines);
}

Status VerifyLayer(ObjectStore& store,
                   Layer layer,
                   const std::function<void(const std::string&)>& progress,
                   std::set<std::string>& named,
                   VerifyReport& report) {
  SG_TRY(const std::vector<std::string> keys, ListManifests(store, layer));
  for (const std::string& key : keys) {
    if (progress) progress(key);
    ++report.manifests;
    const Result<model::Manifest> manifest = ReadManifest(store, key);
    if (!manifest.ok()) {
      report.damages.push_back({.key = key, .what = manifest.error().message()});
      continue;
    }
    for (const ManifestObject& object : manifest.value().objects) {
      named.insert(object.key);
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

Result<VerifyReport> VerifyLake(ObjectStore& store,
                                Instant now,
                                const std::function<void(const std::string&)>& progress) {
  VerifyReport report;
  std::set<std::string> named;
  for (const Layer layer : {Layer::kRaw, Layer::kAnalytics}) {
    SG_RETURN_IF_ERROR(VerifyLayer(store, layer, progress, named, report));
  }
  for (const char* prefix : {"raw/", "analytics/"}) {
    SG_TRY(const std::vector<ObjectInfo> objects, store.List(prefix));
    for (const ObjectInfo& object : objects) {
      if (IsManifestKey(object.key) || named.contains(object.key)) continue;
      (now - object.modified_at < kYoung ? report.young_orphans : report.old_orphans)
          .push_back(object.key);
    }
  }
  return report;
}

Result<std::vector<LakeUsage>> DiskUsage(ObjectStore& store) {
  SG_TRY(const std::vector<ObjectInfo> objects, store.List(""));
  std::map<std::string, std::vector<int64_t>> sizes;
  for (const ObjectInfo& object : objects) sizes[PrefixOf(object.key)].push_back(object.bytes);
  std::vector<LakeUsage> usage;
  for (auto& [prefix, list] : sizes) {
    std::sort(list.begin(), list.end());
    LakeUsage one{.prefix = prefix,
                  .objects = static_cast<int64_t>(list.size()),
                  .median_bytes = list[list.size() / 2],
                  .largest_bytes = list.back()};
    for (const int64_t bytes : list) one.bytes += bytes;
    usage.push_back(std::move(one));
  }
  return usage;
}

}  // namespace stargaze::lake
