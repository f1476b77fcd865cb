#include "lake/layout.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace stargaze::lake {
namespace {

constexpr std::string_view kManifestEnding = ".manifest.json";
constexpr std::string_view kCompaction = "compact.";
constexpr std::string_view kDayForm = "/YYYY/MM/DD/";
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

std::string BatchesKey(const std::string& dataset,
                       const model::Run& run,
                       const std::string& task_id) {
  return fmt::format("{}{}/{}/{}.{}.{}.json.gz",
                     kBatchesPrefix,
                     dataset,
                     FormatDayPath(DayOf(run.logical_date)),
                     run.dag_id,
                     run.run_id,
                     task_id);
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

std::string DatasetOfManifestKey(std::string_view key) {
  SG_ASSERT(IsManifestKey(key));
  for (const model::Layer layer : {model::Layer::kAnalytics, model::Layer::kRaw}) {
    const std::string prefix = ManifestPrefix(layer);
    if (key.starts_with(prefix) && DayOfKey(key))
      return std::string(
          key.substr(prefix.size(), key.rfind('/') + 1 - kDayForm.size() - prefix.size()));
  }
  return "";
}

std::optional<Day> DayOfKey(std::string_view key) {
  const std::size_t end = key.rfind('/');
  if (end == std::string_view::npos || end + 1 < kDayForm.size()) return std::nullopt;
  std::string day(key.substr(end + 2 - kDayForm.size(), kDayForm.size() - 2));
  std::replace(day.begin(), day.end(), '/', '-');
  return ParseDay(day);
}

std::string CompactionAttempt(const std::string& attempt,
                              const std::string& dataset,
                              int schema_version) {
  std::string name = fmt::format("{}{}.{}.s{}", kCompaction, attempt, dataset, schema_version);
  std::replace(name.begin(), name.end(), '/', '.');
  return name;
}

bool IsCompactionKey(std::string_view manifest_key) {
  return IsManifestKey(manifest_key) &&
         manifest_key.substr(manifest_key.rfind('/') + 1).starts_with(kCompaction);
}

std::string AttemptOfObjectKey(std::string_view key) {
  if (IsManifestKey(key) || !DayOfKey(key)) return "";
  std::string_view name = key.substr(key.rfind('/') + 1);
  if (key.starts_with("quarantine/")) {
    const std::string_view ending = ".ndjson.gz";
    return name.ends_with(ending) ? std::string(name.substr(0, name.size() - ending.size())) : "";
  }
  // A raw object's name goes on with its number, a table's with the table: neither has a dash.
  return std::string(
      name.substr(0, name.rfind('-') == std::string_view::npos ? 0 : name.rfind('-')));
}

std::string OwnerOfObjectKey(std::string_view key) {
  if (IsManifestKey(key) || !DayOfKey(key)) return "";
  const std::size_t first = key.find('/');
  const std::size_t last = key.rfind('/') + 1 - kDayForm.size();
  return last <= first ? "" : std::string(key.substr(first + 1, last - first - 1));
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
