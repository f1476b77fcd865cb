// A dataset's declaration as a value: what is asked, where the records are, which tables come out.
// Read from catalog/<source>/<dataset>.yaml by config/, which also checks it: a Dataset is always
// valid.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "model/json_path.h"
#include "model/table.h"

namespace stargaze::model {

// Cuts a search that has more results than the source hands out into slices that fit.
// The query has {band.from} and {band.to}; a slice is bisected until its total is small enough.
struct Split {
  std::string by{};        // Column of the first table whose value the band ranges over, "stars".
  std::string from = "0";  // Lower end of the first band; may name a variable: "{min_stars}".
  JsonPath total{};        // Where the response states its number of results.
  int64_t until_below = 1000;            // Results a slice may have at most, exclusive.
  std::optional<std::string> then_by{};  // Column for a band of one value that is still too large.
};

enum class PaginationKind { kNone, kLink };

struct Pagination {
  PaginationKind kind = PaginationKind::kNone;
  int max_pages = 1000;  // A walk that is longer is an error, not an endless loop.
};

struct Request {
  std::string name{};
  std::string method = "GET";
  std::string path{};  // "/search/repositories"; templates in braces
  std::vector<std::pair<std::string, std::string>>
      query{};  // In declared order; values are templates.
  std::vector<std::pair<std::string, std::string>> headers{};
  std::optional<Split> split{};
  Pagination paginate{};
  std::vector<std::pair<JsonPath, std::string>>
      retry_when{};               // Path and the JSON text that means "ask again".
  std::string resource = "core";  // The rate limit it is counted in.
  int cost = 1;                   // Points a request is charged.
};

struct Retention {
  std::optional<std::chrono::days> raw{};  // Absent: kept forever.
  std::optional<std::chrono::days> analytics{};
};

struct Dataset {
  std::string name{};    // "github/repository"
  std::string source{};  // "github"
  int schema_version = 1;
  std::string summary{};
  std::string dag{};  // Which pipeline collects it; empty for one that nobody collects.
  std::map<std::string, std::string>
      vars{};  // Template variables with their defaults; settings override them.
  Retention retention{};
  std::vector<Request> requests{};
  JsonPath records{};                         // From the body to the records, "$.items[*]".
  std::vector<JsonPath> drop{};               // Cut from a body before it is written.
  std::vector<Table> tables{};                // Never empty.
  std::map<std::string, std::string> docs{};  // grain, limits, …
  std::string file{};                         // Where it was read from.
  std::string hash{};                         // SHA-256 of the declaration's text, hex.

  // "repository" of "github/repository".
  std::string ShortName() const;
  const Table* FindTable(const std::string& table_name) const;
};

// A place that answers requests: catalog/<source>/source.yaml.
struct Source {
  std::string name{};       // "github"
  std::string base_url{};   // "https://api.github.com"; an instance may set another one.
  std::string token_env{};  // Environment variable that holds the credential; may be unset.
  std::vector<std::pair<std::string, std::string>> headers{};
  std::map<std::string, int>
      requests_per_minute{};  // Resource → first guess, until headers tell better.
};

struct Catalog {
  std::map<std::string, Source> sources{};
  std::vector<Dataset> datasets{};  // Sorted by name.

  const Dataset* FindDataset(const std::string& dataset_name) const;
  // The table and its dataset; table names are unique over the catalog.
  std::pair<const Dataset*, const Table*> FindTable(const std::string& table_name) const;
};

}  // namespace stargaze::model
