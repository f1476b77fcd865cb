// The SQL that turns one dataset's responses into checked rows. Text only: nothing is run here.
//
// Temporary tables, in order: line (a response), record (a record with the raw JSON of each field),
// checked (typed values, and for each field the rule that its raw value broke).

#pragma once

#include <span>
#include <string>
#include <vector>

#include "model/dataset.h"

namespace stargaze::refine {

// One declared column, once for all tables that take it, so that a bad value is counted once.
struct Field {
  model::Column column{};
  std::string table{};  // The first table that declares it: names the field in quarantine counts.
};

std::vector<Field> DistinctFields(const model::Dataset& dataset);

// Fills `line` from local files of NDJSON. A response line may have up to `line_bytes_max` bytes.
std::string LineSql(const model::Dataset& dataset,
                    std::span<const std::string> paths,
                    int64_t line_bytes_max);
std::string RecordSql(const model::Dataset& dataset, std::span<const Field> fields);
std::string CheckedSql(std::span<const Field> fields);
// Fills `quarantine` (object path, line, record, path, rule, value, field).
std::string QuarantineSql(const model::Dataset& dataset, std::span<const Field> fields);
// SELECT of a table's rows, one per key, newest by version order, sorted by key.
std::string TableSql(const model::Dataset& dataset,
                     const model::Table& table,
                     std::span<const Field> fields,
                     const std::string& attempt);

}  // namespace stargaze::refine
