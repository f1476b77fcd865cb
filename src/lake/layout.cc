#include "lake/layout.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace stargaze::lake {
namespace {

constexpr std::string_view kManifestEnding = ".manifest.json";
constexpr std::size_t kKeyBytesMax = 1000;

bool IsSegment(std::string_view segment) {
  if (segment.empty() || segment == "." || segment == "..") return false;
  return std::all_of(segment.begin(), segment.end(), [](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '.' || c == '_' || c == '=' ||
           c == '-';
  });
}

}  // namespace

std::string RawObjectKey(const std::string& dataset,
                         Instant logical_date,
                         const std::string& attempt,
                         int seq) {
  return fmt::format(
      "raw/{}/{}/{}-{:04}.ndjson.gz", dataset, FormatDayPath(DayOf(logical_date)), attempt, seq);
}

std::string AnalyticsObjectKey(const std::string& table,
                               Instant logical_date,
                               const std::string& attempt) {
  return fmt::format(
      "analytics/{0}/{1}/{2}-{0}.parquet", table, FormatDayPath(DayOf(logical_date)), attempt);
}

std::string QuarantineKey(const std::string& dataset,
                          Instant logical_date,
                          const std::string& attempt) {
  return fmt::format(
      "quarantine/{}/{}/{}.ndjson.gz", dataset, FormatDayPath(DayOf(logical_date)), attempt);
}

std::string ManifestPrefix(model::Layer layer) {
  return layer == model::Layer::kRaw ? "raw/" : "analytics/manifest/";
}

std::string ManifestPrefix(model::Layer layer, const std::string& dataset) {
  return ManifestPrefix(layer) + dataset + "/";
}

std::string ManifestPrefix(model::Layer layer, const std::string& dataset, Instant logical_date) {
  return ManifestPrefix(layer, dataset) + FormatDayPath(DayOf(logical_date)) + "/";
}

std::string ManifestKey(model::Layer layer,
                        const std::string& dataset,
                        Instant logical_date,
                        const std::string& attempt) {
  return ManifestPrefix(layer, dataset, logical_date) + attempt + std::string(kManifestEnding);
}

bool IsManifestKey(std::string_view key) {
  return key.ends_with(kManifestEnding);
}

std::string AttemptOfManifestKey(std::string_view key) {
  SG_ASSERT(IsManifestKey(key));
  key.remove_suffix(kManifestEnding.size());
  return std::string(key.substr(key.rfind('/') + 1));
}

Status CheckKey(const std::string& key) {
  bool good = !key.empty() && key.size() <= kKeyBytesMax;
  std::string_view rest = key;
  while (good && !rest.empty()) {
    const std::size_t slash = rest.find('/');
    good = IsSegment(rest.substr(0, slash)) && slash + 1 != rest.size();
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  if (good) return Ok();
  return Error(ErrorKind::kInvalidInput,
               "not an object key: '" + key.substr(0, kKeyBytesMax) + "'");
}

}  // namespace stargaze::lake
