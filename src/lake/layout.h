// The name of every object in the lake. No other file composes or takes apart a key.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "base/result.h"
#include "model/manifest.h"
#include "model/run.h"

namespace stargaze::lake {

// raw/<source>/<dataset>/YYYY/MM/DD/<attempt>-<seq>.ndjson.gz; the date is the logical date's.
std::string RawObjectKey(const std::string& dataset,
                         Instant logical_date,
                         const std::string& attempt,
                         int seq);

// analytics/<table>/YYYY/MM/DD/<attempt>-<table>.parquet
std::string AnalyticsObjectKey(const std::string& table,
                               Instant logical_date,
                               const std::string& attempt);

// quarantine/<source>/<dataset>/YYYY/MM/DD/<attempt>.ndjson.gz
std::string QuarantineKey(const std::string& dataset,
                          Instant logical_date,
                          const std::string& attempt);

// raw/<source>/<dataset>/… or analytics/manifest/<source>/<dataset>/…/<attempt>.manifest.json
std::string ManifestKey(model::Layer layer,
                        const std::string& dataset,
                        Instant logical_date,
                        const std::string& attempt);

// batches/<source>/<dataset>/YYYY/MM/DD/<dag>.<run_id>.<task>.json.gz: which repositories each
// instance of a mapped task takes (collect/batches.h).
std::string BatchesKey(const std::string& dataset,
                       const model::Run& run,
                       const std::string& task_id);
inline constexpr std::string_view kBatchesPrefix = "batches/";

// What all manifests of a layer (of one dataset, of one day of it) begin with.
std::string ManifestPrefix(model::Layer layer);
std::string ManifestPrefix(model::Layer layer, const std::string& dataset);
std::string ManifestPrefix(model::Layer layer, const std::string& dataset, Instant logical_date);

bool IsManifestKey(std::string_view key);

// The attempt that a manifest's key ends with.
std::string AttemptOfManifestKey(std::string_view key);

// "github/repository" of a manifest's key.
std::string DatasetOfManifestKey(std::string_view key);

// The logical day in a manifest's or an object's key; nullopt for a key that layout did not give.
std::optional<Day> DayOfKey(std::string_view key);

// Compaction's own attempts, whose manifests supersede others, are told by their names. Schema
// versions are compacted apart, and datasets too, of which several may fill one table.
std::string CompactionAttempt(const std::string& attempt,
                              const std::string& dataset,
                              int schema_version);
bool IsCompactionKey(std::string_view manifest_key);

// The attempt that wrote an object of the raw lake, of the analytics lake or of quarantine; empty
// for any other key.
std::string AttemptOfObjectKey(std::string_view key);

// "github/repository" of an object in the raw lake or in quarantine, "repository" of one in the
// analytics lake; empty for any other key.
std::string OwnerOfObjectKey(std::string_view key);

// kInvalidInput for what is no relative path of [A-Za-z0-9._=-] segments, or is longer than 1,000
// bytes.
Status CheckKey(const std::string& key);

}  // namespace stargaze::lake
