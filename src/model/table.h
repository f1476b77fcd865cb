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

// A value computed from a record; model/expression.h reads it. Always well-typed.
struct Expression {
  enum class Kind { kPath, kIndex, kInteger, kCall };
  Kind kind = Kind::kInteger;
  ColumnType type = ColumnType::kInteger;  // Of its value; kPath: what must stand there.
  JsonPath path{};                         // kPath: from the record, before it is exploded.
  int64_t number = 0;                      // kInteger
  std::string function{};                  // kCall: one of ExpressionFunctions().
  std::vector<Expression> arguments{};     // kCall

  // The form that ParseExpression reads; the index is called "index".
  std::string ToString() const;
  friend bool operator==(const Expression&, const Expression&) = default;
};

enum class ColumnSource {
  kPath,        // A path from the record; from the element where the records are exploded.
  kSubject,     // An attribute of the repository that was asked for.
  kExpression,  // Computed.
};

// Which value a column takes and what is allowed. A value that breaks a rule is quarantined; the
// column becomes null, or the record is left out when the column is required or part of the key.
struct Column {
  std::string name{};
  ColumnSource source = ColumnSource::kPath;
  JsonPath path{};          // kPath
  std::string subject{};    // kSubject: "repository_id", "node_id" or "full_name".
  Expression expression{};  // kExpression
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
  kReading,   // Every reading of a key's value, kept in the analytics lake only; Derived says what
              // the warehouse makes of it.
};

std::string_view NameOf(TableKind kind);

// The warehouse's tables made of readings at load, in version order (contracts.md "Warehouse").
struct Derived {
  std::string newest{};   // Table with the newest reading per key.
  std::string changes{};  // Table with every change of `value` between two readings of a key.
  std::string value{};    // A column of the readings that is a number.
};

struct Table {
  std::string name{};
  TableKind kind = TableKind::kEntity;
  std::string summary{};
  std::vector<std::string>
      key{};  // Declared columns; a snapshot's `day` and `request` are added to it.
  std::optional<JsonPath> where{};  // Records without a value there give no row.
  Provenance provenance = Provenance::kMeasured;
  std::vector<Column> columns{};
  std::string extends{};  // Another dataset that declares this table; empty: this one does.
  std::optional<Derived> derived{};  // kReading only.

  const Column* FindColumn(std::string_view column_name) const;
};

}  // namespace stargaze::model
