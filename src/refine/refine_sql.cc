#include "refine/refine_sql.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "storage/duckdb.h"

namespace stargaze::refine {
namespace {

using model::Column;
using model::ColumnType;
using model::Dataset;
using model::JsonPath;
using model::PathStep;
using model::Table;
using model::TableKind;
using storage::QuoteIdentifier;
using storage::QuoteLiteral;

bool SameField(const Column& a, const Column& b) {
  return a.path == b.path && a.type == b.type && a.min == b.min && a.max == b.max &&
         a.max_length == b.max_length && a.pattern == b.pattern && a.allowed == b.allowed;
}

std::size_t FieldIndex(std::span<const Field> fields, const Column& column) {
  const auto found = std::find_if(
      fields.begin(), fields.end(), [&](const Field& f) { return SameField(f.column, column); });
  SG_ASSERT(found != fields.end());
  return static_cast<std::size_t>(found - fields.begin());
}

bool IsKey(const Table& table, const std::string& column) {
  return std::find(table.key.begin(), table.key.end(), column) != table.key.end();
}

bool MustHaveValue(const Table& table, const Column& column) {
  return column.required || IsKey(table, column.name);
}

// Every path that the record is read by: columns and conditions.
std::vector<JsonPath> PathsOf(const Dataset& dataset) {
  std::vector<JsonPath> paths;
  for (const Table& table : dataset.tables) {
    for (const Column& column : table.columns) paths.push_back(column.path);
    if (table.where) paths.push_back(*table.where);
  }
  return paths;
}

// Records whose every path begins with a key are read as a struct of those keys, which parses a
// line once; others are kept as JSON.
bool IsStructured(const Dataset& dataset) {
  const std::vector<JsonPath> paths = PathsOf(dataset);
  return std::all_of(paths.begin(), paths.end(), [](const JsonPath& path) {
    return !path.steps.empty() && path.steps.front().kind == PathStep::Kind::kKey;
  });
}

std::string RecordType(const Dataset& dataset) {
  if (!IsStructured(dataset)) return "JSON";
  std::set<std::string> keys;
  for (const JsonPath& path : PathsOf(dataset)) keys.insert(path.steps.front().key);
  std::string members;
  for (const std::string& key : keys)
    members += (members.empty() ? "" : ", ") + QuoteIdentifier(key) + " JSON";
  return "STRUCT(" + members + ")";
}

// The body's type, built from the records' path outwards: $.items[*] gives STRUCT(items RECORD[]).
std::string BodyType(const Dataset& dataset) {
  std::string type = RecordType(dataset);
  const auto& steps = dataset.records.steps;
  for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
    type = step->kind == PathStep::Kind::kEach
               ? type + "[]"
               : "STRUCT(" + QuoteIdentifier(step->key) + " " + type + ")";
  }
  return type;
}

// The list of records of a line; a body that is itself one record is a list of one.
std::string RecordList(const Dataset& dataset) {
  std::string expression = "body";
  bool is_list = false;
  for (const PathStep& step : dataset.records.steps) {
    if (step.kind == PathStep::Kind::kEach) {
      is_list = true;
    } else {
      expression += "." + QuoteIdentifier(step.key);
    }
  }
  return is_list ? expression : "[" + expression + "]";
}

std::string Tail(const JsonPath& path, std::size_t from) {
  return JsonPath{
      .steps = {path.steps.begin() + static_cast<std::ptrdiff_t>(from), path.steps.end()}}
      .ToString();
}

// JSON text at a path of the record `r`, NULL for absent and for JSON null.
std::string RawAt(const JsonPath& path, bool structured) {
  std::string found;
  if (!structured) {
    found = fmt::format("json_extract(r, {})", QuoteLiteral(path.ToString()));
  } else if (path.steps.size() == 1) {
    found = "r." + QuoteIdentifier(path.steps[0].key);
  } else {
    found = fmt::format(
        "json_extract(r.{}, {})", QuoteIdentifier(path.steps[0].key), QuoteLiteral(Tail(path, 1)));
  }
  return fmt::format("nullif({}::VARCHAR, 'null')", found);
}

// The first thing on the way to a path that is there but is no object, NULL when the way is clear.
std::string BlockerOf(const JsonPath& path, bool structured) {
  std::string blockers;
  for (std::size_t length = 1; length < path.steps.size(); ++length) {
    const bool next_is_key = path.steps[length].kind == PathStep::Kind::kKey;
    const JsonPath parent{
        .steps = {path.steps.begin(), path.steps.begin() + static_cast<std::ptrdiff_t>(length)}};
    const std::string raw = RawAt(parent, structured);
    blockers +=
        fmt::format("CASE WHEN left({0}, 1) <> '{1}' THEN {0} END, ", raw, next_is_key ? '{' : '[');
  }
  return blockers.empty() ? "NULL::VARCHAR" : "coalesce(" + blockers + "NULL)";
}

constexpr std::string_view kTimestampPattern =
    "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d{1,6})?(Z|[+-]\\d{2}:\\d{2})";

// The typed value of raw JSON text, NULL when it is not of that type.
std::string Typed(const std::string& raw, ColumnType type) {
  std::string text =
      fmt::format("(CASE WHEN left({0}, 1) = '\"' THEN ({0}::JSON) ->> '$' END)", raw);
  switch (type) {
    case ColumnType::kString:
      return text;
    case ColumnType::kInteger:
      return fmt::format(
          "CASE WHEN regexp_full_match({0}, '-?\\d+') THEN try_cast({0} AS BIGINT) END", raw);
    case ColumnType::kDouble:
      return fmt::format(
          "CASE WHEN regexp_full_match({0}, '-?\\d.*') THEN try_cast({0} AS DOUBLE) END", raw);
    case ColumnType::kBoolean:
      return fmt::format("CASE {0} WHEN 'true' THEN true WHEN 'false' THEN false END", raw);
    case ColumnType::kTimestamp:
      return fmt::format(
          "CASE WHEN regexp_full_match({0}, '{1}') THEN try_cast({0} AS TIMESTAMP) END",
          text,
          kTimestampPattern);
    case ColumnType::kDate:
      return fmt::format(
          "CASE WHEN regexp_full_match({0}, '\\d{{4}}-\\d{{2}}-\\d{{2}}') THEN try_cast({0} AS "
          "DATE) END",
          text);
    case ColumnType::kJson:
      return raw;
  }
  return raw;
}

// The rules beyond the type, each a WHEN … THEN 'rule'.
std::string ValueRules(const Column& column, const std::string& value) {
  std::string rules;
  if (column.min) rules += fmt::format(" WHEN {} < {} THEN 'min'", value, *column.min);
  if (column.max) rules += fmt::format(" WHEN {} > {} THEN 'max'", value, *column.max);
  if (column.max_length)
    rules += fmt::format(" WHEN length({}) > {} THEN 'max_length'", value, *column.max_length);
  if (column.pattern) {
    rules += fmt::format(
        " WHEN NOT regexp_matches({}, {}) THEN 'pattern'", value, QuoteLiteral(*column.pattern));
  }
  if (!column.allowed.empty()) {
    std::string list;
    for (const std::string& allowed : column.allowed)
      list += (list.empty() ? "" : ", ") + QuoteLiteral(allowed);
    rules += fmt::format(" WHEN {}::VARCHAR NOT IN ({}) THEN 'allowed'", value, list);
  }
  return rules;
}

// Whether a record belongs to a table at all. Conditions are numbered as PathsOf finds them: w0,
// w1, …
std::string Condition(const Dataset& dataset, const Table& table) {
  if (!table.where) return "true";
  std::size_t number = 0;
  for (const Table& other : dataset.tables) {
    if (&other == &table) break;
    if (other.where) ++number;
  }
  return fmt::format("w{}", number);
}

// True for a record that lacks a value some table cannot do without.
std::string MissingCondition(const Dataset& dataset, const Field& field) {
  std::string tables;
  for (const Table& table : dataset.tables) {
    for (const Column& column : table.columns) {
      if (!SameField(column, field.column) || !MustHaveValue(table, column)) continue;
      tables += (tables.empty() ? "" : " OR ") + Condition(dataset, table);
    }
  }
  return tables.empty() ? "false" : "(" + tables + ")";
}

std::string ResourceCase(const Dataset& dataset) {
  std::string cases;
  for (const model::Request& request : dataset.requests) {
    cases +=
        fmt::format(" WHEN {} THEN {}", QuoteLiteral(request.name), QuoteLiteral(request.resource));
  }
  return "CASE request" + cases + " END";
}

std::string ColumnList(const std::vector<std::string>& names) {
  std::string list;
  for (const std::string& name : names) list += (list.empty() ? "" : ", ") + QuoteIdentifier(name);
  return list;
}

}  // namespace

std::vector<Field> DistinctFields(const Dataset& dataset) {
  std::vector<Field> fields;
  for (const Table& table : dataset.tables) {
    for (const Column& column : table.columns) {
      const bool known = std::any_of(fields.begin(), fields.end(), [&](const Field& field) {
        return SameField(field.column, column);
      });
      if (!known) fields.push_back({.column = column, .table = table.name});
    }
  }
  return fields;
}

std::string LineSql(const Dataset& dataset,
                    std::span<const std::string> paths,
                    int64_t line_bytes_max) {
  std::string list;
  for (const std::string& path : paths) list += (list.empty() ? "" : ", ") + QuoteLiteral(path);
  return fmt::format(
      "CREATE OR REPLACE TEMP TABLE line AS SELECT filename AS object, ordinal, request.name AS "
      "request, "
      "try_cast(observed_at AS TIMESTAMP) AS observed_at, "
      "row_number() OVER (PARTITION BY filename ORDER BY ordinal) AS line, {} AS records "
      "FROM read_json([{}], format = 'newline_delimited', filename = true, ignore_errors = true, "
      "maximum_object_size = {}, columns = {{'ordinal': 'BIGINT', 'request': 'STRUCT(name "
      "VARCHAR)', "
      "'observed_at': 'VARCHAR', 'body': {}}})",
      RecordList(dataset),
      list,
      line_bytes_max,
      QuoteLiteral(BodyType(dataset)));
}

std::string RecordSql(const Dataset& dataset, std::span<const Field> fields) {
  const bool structured = IsStructured(dataset);
  std::string columns;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const JsonPath& path = fields[i].column.path;
    columns += fmt::format(
        ", {} AS r{}, {} AS b{}", RawAt(path, structured), i, BlockerOf(path, structured), i);
  }
  std::size_t conditions = 0;
  for (const Table& table : dataset.tables) {
    if (table.where)
      columns +=
          fmt::format(", {} IS NOT NULL AS w{}", RawAt(*table.where, structured), conditions++);
  }
  return fmt::format(
      "CREATE OR REPLACE TEMP TABLE record AS SELECT object, line, request, observed_at, record, "
      "ordinal * 1000000 + record AS ordinal{} FROM (SELECT object, line, request, observed_at, "
      "ordinal, "
      "unnest(records) AS r, generate_subscripts(records, 1) AS record FROM line)",
      columns);
}

std::string CheckedSql(std::span<const Field> fields) {
  std::string typed;
  std::string checked;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Column& column = fields[i].column;
    const std::string raw = fmt::format("r{}", i);
    const std::string value = fmt::format("v{}", i);
    typed += fmt::format(", {} AS {}", Typed(raw, column.type), value);
    const std::string rule = fmt::format(
        "CASE WHEN b{0} IS NOT NULL THEN 'type' WHEN r{0} IS NULL THEN NULL WHEN v{0} IS NULL THEN "
        "'type'{1} END",
        i,
        ValueRules(column, value));
    checked += fmt::format(", {} AS e{}", rule, i);
  }
  return fmt::format(
      "CREATE OR REPLACE TEMP TABLE checked AS SELECT *{} FROM (SELECT *{} FROM record)",
      checked,
      typed);
}

std::string QuarantineSql(const Dataset& dataset, std::span<const Field> fields) {
  std::string entries;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    entries += fmt::format(
        "{0}CASE WHEN e{1} IS NOT NULL THEN {{'path': {2}, 'rule': e{1}, 'value': coalesce(r{1}, "
        "b{1}), 'field': {3}}} "
        "WHEN r{1} IS NULL AND {4} THEN {{'path': {2}, 'rule': 'required', 'value': NULL::VARCHAR, "
        "'field': {3}}} END",
        i == 0 ? "" : ", ",
        i,
        QuoteLiteral(field.column.path.ToString()),
        QuoteLiteral(field.table + "." + field.column.name),
        MissingCondition(dataset, field));
  }
  // 256 characters are at most 1 KiB of UTF-8.
  return fmt::format(
      "CREATE OR REPLACE TEMP TABLE quarantine AS SELECT object, line, record, entry.path AS path, "
      "entry.rule AS rule, "
      "CASE WHEN strlen(entry.value) <= 1024 THEN entry.value ELSE left(entry.value, 256) END AS "
      "value, entry.field AS field "
      "FROM (SELECT object, line, record, unnest([{}]) AS entry FROM checked) WHERE entry IS NOT "
      "NULL "
      "ORDER BY object, line, record, field",
      entries);
}

std::string TableSql(const Dataset& dataset,
                     const Table& table,
                     std::span<const Field> fields,
                     const std::string& attempt) {
  std::string columns;
  std::string present = Condition(dataset, table);
  for (const Column& column : table.columns) {
    const std::size_t i = FieldIndex(fields, column);
    columns += fmt::format(
        "CASE WHEN e{0} IS NULL THEN v{0} END AS {1}, ", i, QuoteIdentifier(column.name));
    if (MustHaveValue(table, column))
      present += fmt::format(" AND e{0} IS NULL AND v{0} IS NOT NULL", i);
  }
  std::string key = ColumnList(table.key);
  if (table.kind == TableKind::kSnapshot) {
    columns += "observed_at::DATE AS day, " + ResourceCase(dataset) + " AS request, ";
    key += ", day, request";
  }
  if (table.kind == TableKind::kHistory) {
    const std::string window = fmt::format("OVER (PARTITION BY {})", key);
    columns += fmt::format(
        "min(observed_at) {0} AS first_seen, max(observed_at) {0} AS last_seen, ", window);
  }
  return fmt::format(
      "SELECT {}observed_at, {} AS attempt, {} AS provenance, ordinal FROM checked WHERE {} "
      "QUALIFY row_number() OVER (PARTITION BY {} ORDER BY observed_at DESC, ordinal DESC) = 1 "
      "ORDER BY {}",
      columns,
      QuoteLiteral(attempt),
      QuoteLiteral(NameOf(table.provenance)),
      present,
      key,
      key);
}

}  // namespace stargaze::refine
