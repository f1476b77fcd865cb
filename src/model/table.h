// One table of a declaration: columns with their checks, key, and what kind of history it keeps.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/json_path.h"

namespace stargaze::model {

enum class ColumnType { kString, kInteger, kDouble, kBoolean, kTimestamp, kDate, kJson };

// What a number rests on (metrics.md "Snapshots and windows"); the order is the rank in version
// order.
enum class Provenance { kImported, kSourceReported, kMeasured };

std::string_view NameOf(ColumnType type);        // "integer"
std::string_view NameOf(Provenance provenance);  // "source_reported"
std::string_view DuckDbTypeOf(ColumnType type);  // "BIGINT"

// Which value a column takes and what is allowed. A value that breaks a rule is quarantined; the
// column becomes null, or the record is left out when the column is required or part of the key.
struct Column {
  std::string name{};
  JsonPath path{};  // From the record.
  ColumnType type = ColumnType::kString;
  bool required = false;
  bool person = false;  // Identifies a person.
  std::optional<int64_t> min{};
  std::optional<int64_t> max{};
  std::optional<int64_t> max_length{};   // Unicode code points of a string.
  std::optional<std::string> pattern{};  // RE2, must match somewhere unless anchored.
  std::vector<std::string> allowed{};
  std::string description{};
};

enum class TableKind {
  kEntity,    // Newest version per key.
  kSnapshot,  // per_day: one row per key, UTC day of the observation, and request (rate-limit
              // resource).
  kHistory,   // first_seen and last_seen per key.
};

std::string_view NameOf(TableKind kind);

struct Table {
  std::string name{};
  TableKind kind = TableKind::kEntity;
  std::string summary{};
  std::vector<std::string>
      key{};  // Declared columns; a snapshot's `day` and `request` are added to it.
  std::optional<JsonPath> where{};  // Records without a value there give no row.
  Provenance provenance = Provenance::kMeasured;
  std::vector<Column> columns{};

  const Column* FindColumn(std::string_view column_name) const;
};

}  // namespace stargaze::model
