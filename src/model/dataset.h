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

enum class PaginationKind {
  kNone,
  kLink,      // The Link header's rel=next.
  kPage,      // A query parameter that counts from 1, until a page is not full.
  kCursor,    // A query parameter with what stands at `next`, until nothing does.
  kPageInfo,  // GraphQL: `next` leads to a pageInfo; its endCursor becomes the variable
              // `parameter`.
};

struct Pagination {
  PaginationKind kind = PaginationKind::kNone;
  int max_pages = 1000;     // A walk that is longer is an error, not an endless loop.
  std::string parameter{};  // kPage, kCursor: query parameter. kPageInfo: variable of the query.
  int page_size = 100;      // kPage: records of a full page.
  JsonPath next{};          // kCursor, kPageInfo
  // Once a walk over all pages of a subject is published, later ones take the first page only.
  bool then_first_page = false;
};

enum class RequestKind { kRest, kGraphql };

// GraphQL: one query for many subjects at once.
struct GraphqlQuery {
  std::string text{};  // No template; it has the variables $ids and those below.
  std::vector<std::pair<std::string, std::string>> variables{};  // Values are templates.
  std::string ids{};  // Attribute of the subjects that $ids lists, "node_id"; empty: one subject.
  int batch = 100;    // Subjects of one query at most; halved while the source cannot bear it.
  JsonPath match{};   // From a record to the repository_id that it is about.
  JsonPath full_name{};  // From a record to the repository's name; no steps: it is not there.
};

// Where the next walk begins: at the largest value that the last published one saw, less an
// overlap for what arrives late. Templates say {cursor}.
struct Cursor {
  std::string by{};     // Column of the first table: a timestamp, a date or an integer.
  std::string from{};   // What the first walk takes.
  int64_t overlap = 0;  // Seconds, days or units, by the column's type.
};

struct Request {
  std::string name{};
  RequestKind kind = RequestKind::kRest;
  std::string method = "GET";
  std::string path{};  // "/search/repositories"; templates in braces
  std::vector<std::pair<std::string, std::string>>
      query{};  // In declared order; values are templates.
  std::vector<std::pair<std::string, std::string>> headers{};
  std::optional<GraphqlQuery> graphql{};  // kGraphql only.
  std::optional<Split> split{};
  Pagination paginate{};
  std::optional<Cursor> cursor{};
  bool conditional = false;  // Asked with the last answer's ETag; a 304 means unchanged.
  // A 304 for the first page ends a walk: what is on later pages cannot have changed alone.
  bool unchanged_first_page_proves_rest = false;
  std::vector<int> reschedule_when{};         // Statuses that mean "come back later", as 202 does.
  std::chrono::seconds reschedule_after{60};  // Unless the answer names a time.
  std::vector<std::pair<JsonPath, std::string>>
      retry_when{};               // Path and the JSON text that means "ask again".
  std::string resource = "core";  // The rate limit it is counted in.
  int cost = 1;                   // Points a request is charged.
};

// A record that holds several rows: one per element of a list in it.
struct Explode {
  JsonPath path{};      // From the record to the elements; ends in [*].
  std::string index{};  // What expressions call an element's place in the list, from 0.
};

enum class ForEach {
  kNothing,   // A subject is a request.
  kFollowed,  // A subject is a followed repository; an attempt takes a batch of them.
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
  ForEach for_each = ForEach::kNothing;
  int batch_size = 100;        // Subjects of one attempt.
  int max_failed_percent = 5;  // Of a last try's subjects; one may always fail unless this is 0.
  std::string object_group{};  // Datasets of one task and group may share raw objects.
  std::vector<Request> requests{};
  JsonPath records{};  // From the body to the records, "$.items[*]".
  std::optional<Explode> explode{};
  std::vector<JsonPath> drop{};               // Cut from a body before it is written.
  std::vector<Table> tables{};                // Never empty.
  std::map<std::string, std::string> docs{};  // grain, limits, …
  std::string file{};                         // Where it was read from.
  std::string hash{};                         // SHA-256 of the declaration's text, hex.

  // "repository" of "github/repository".
  std::string ShortName() const;
  // As this dataset fills it: of a shared table only the columns that it gives.
  const Table* FindTable(const std::string& table_name) const;
  // How many of so many subjects may fail for a last try to be partial.
  int64_t FailedMax(int64_t subjects) const;
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

// A table as the lake and the warehouse have it: with the columns of every dataset that fills it.
// Where each value comes from is the datasets' own affair: see Dataset::tables. In the place of
// readings stand the two tables that are derived from them.
struct SharedTable {
  std::string dataset{};                 // Which declares it.
  std::vector<std::string> filled_by{};  // That one, then those that extend it.
  Table table{};
  std::string readings{};  // The table of readings that it is derived from; empty: it is loaded.
};

// Each table of the datasets once, in their order.
std::vector<SharedTable> SharedTables(const std::vector<Dataset>& datasets);

struct Catalog {
  std::map<std::string, Source> sources{};
  std::vector<Dataset> datasets{};    // Sorted by name.
  std::vector<SharedTable> tables{};  // SharedTables(datasets)

  const Dataset* FindDataset(const std::string& dataset_name) const;
  // The whole table and the dataset that declares it; both null when there is none.
  std::pair<const Dataset*, const Table*> FindTable(const std::string& table_name) const;
};

}  // namespace stargaze::model
