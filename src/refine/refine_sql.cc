#include "refine/refine_sql.h"

#include <fmt/core.h>

#include <algorithm>
#include <set>
#include <utility>

#include "refine/expression_sql.h"
#include "storage/duckdb.h"

namespace stargaze::refine {
namespace {

using model::Column;
using model::ColumnSource;
using model::ColumnType;
using model::Dataset;
using model::Expression;
using model::JsonPath;
using model::PathStep;
using model::Table;
using model::TableKind;
using storage::QuoteIdentifier;
using storage::QuoteLiteral;

bool SameField(const Column& a, const Column& b) {
  return a.source == b.source && a.subject == b.subject && a.expression == b.expression &&
         a.path == b.path && a.type == b.type && a.min == b.min && a.max == b.max &&
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

void AddPaths(const Expression& expression, std::vector<JsonPath>& paths) {
  if (expression.kind == Expression::Kind::kPath) paths.push_back(expression.path);
  for (const Expression& argument : expression.arguments) AddPaths(argument, paths);
}

// Every path that the record is read by: columns, what expressions read, conditions. A column's own
// path begins at the element where records are exploded.
std::vector<JsonPath> PathsOf(const Dataset& dataset) {
  std::vector<JsonPath> paths;
  if (dataset.explode) paths.push_back(dataset.explode->path);
  for (const Table& table : dataset.tables) {
    for (const Column& column : table.columns) {
      if (column.source == ColumnSource::kPath && !dataset.explode) paths.push_back(column.path);
      if (column.source == ColumnSource::kExpression) AddPaths(column.expression, paths);
    }
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

// What a path begins at: the record `r`, or its element `x` where records are exploded.
struct Root {
  std::string name{};
  bool structured = false;
};

// JSON text at a path, NULL for absent and for JSON null.
std::string RawAt(const JsonPath& path, const Root& root) {
  std::string found;
  if (!root.structured) {
    found = fmt::format("json_extract({}, {})", root.name, QuoteLiteral(path.ToString()));
  } else if (path.steps.size() == 1) {
    found = root.name + "." + QuoteIdentifier(path.steps[0].key);
  } else {
    found = fmt::format("json_extract({}.{}, {})",
                        root.name,
                        QuoteIdentifier(path.steps[0].key),
                        QuoteLiteral(Tail(path, 1)));
  }
  return fmt::format("nullif({}::VARCHAR, 'null')", found);
}

// The first thing on the way to a path that is there but is no object, NULL when the way is clear.
std::string BlockerOf(const JsonPath& path, const Root& root) {
  std::string blockers;
  for (std::size_t length = 1; length < path.steps.size(); ++length) {
    const bool next_is_key = path.steps[length].kind == PathStep::Kind::kKey;
    const JsonPath parent{
        .steps = {path.steps.begin(), path.steps.begin() + static_cast<std::ptrdiff_t>(length)}};
    const std::string raw = RawAt(parent, root);
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

// The elements of a record's list. What is no list is taken for its only element, so that the
// columns' own checks say what is wrong with it.
std::string ElementList(const model::Explode& explode, const Root& root) {
  JsonPath list = explode.path;
  list.steps.pop_back();  // [*]
  const std::string raw = list.steps.empty() ? "nullif(r::VARCHAR, 'null')" : RawAt(list, root);
  return fmt::format(
      "CASE WHEN left({0}, 1) = '[' THEN json_extract({0}::JSON, '$[*]') WHEN {0} IS NOT NULL THEN "
      "[{0}::JSON] ELSE [] END",
      raw);
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

// An attribute of the one repository that was asked for, as JSON text.
std::string SubjectRaw(const std::string& attribute) {
  return fmt::format(
      "CASE WHEN len(subjects) = 1 THEN nullif(to_json(subjects[1].{})::VARCHAR, 'null') END",
      QuoteIdentifier(attribute));
}

// r{i}, the raw JSON of a field, and b{i}, what stands in its way. Of an expression the raw JSON is
// that of its first path that has any, the bad one first.
std::string RawColumns(const Dataset& dataset, const Column& column, std::size_t i) {
  const Root record{.name = "r", .structured = IsStructured(dataset)};
  if (column.source == ColumnSource::kSubject)
    return fmt::format(", {} AS r{}, NULL::VARCHAR AS b{}", SubjectRaw(column.subject), i, i);
  if (column.source == ColumnSource::kPath) {
    const Root root = dataset.explode ? Root{.name = "x"} : record;
    return fmt::format(
        ", {} AS r{}, {} AS b{}", RawAt(column.path, root), i, BlockerOf(column.path, root), i);
  }
  std::string leaves;
  std::string present;
  std::string bad;
  const std::vector<Leaf> all = LeavesOf(column.expression);
  for (std::size_t n = 0; n < all.size(); ++n) {
    const std::string raw = RawAt(all[n].path, record);
    leaves += fmt::format(", {} AS l{}_{}", raw, i, n);
    present += raw + ", ";
    bad += fmt::format("{}, CASE WHEN {} IS NOT NULL AND ({}) IS NULL THEN {} END, ",
                       BlockerOf(all[n].path, record),
                       raw,
                       Typed(raw, all[n].type),
                       raw);
  }
  return fmt::format("{}, coalesce({}{}NULL::VARCHAR) AS r{}, coalesce({}NULL::VARCHAR) AS b{}",
                     leaves,
                     bad,
                     present,
                     i,
                     bad,
                     i);
}

std::string TypedField(const Column& column, std::size_t i) {
  if (column.source == ColumnSource::kExpression)
    return ExpressionSql(column.expression, [&](std::size_t leaf, ColumnType type) {
      return Typed(fmt::format("l{}_{}", i, leaf), type);
    });
  return Typed(fmt::format("r{}", i), column.type);
}

// Where a field stands, for people.
std::string PlaceOf(const Dataset& dataset, const Column& column) {
  switch (column.source) {
    case ColumnSource::kSubject:
      return "subject " + column.subject;
    case ColumnSource::kExpression:
      return column.expression.ToString();
    case ColumnSource::kPath:
      break;
  }
  JsonPath path = dataset.explode ? dataset.explode->path : JsonPath{};
  path.steps.insert(path.steps.end(), column.path.steps.begin(), column.path.steps.end());
  return path.ToString();
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
      "request, request.subjects AS subjects, "
      "try_cast(observed_at AS TIMESTAMP) AS observed_at, "
      "row_number() OVER (PARTITION BY filename ORDER BY ordinal) AS line, {} AS records "
      "FROM read_json([{}], format = 'newline_delimited', filename = true, ignore_errors = true, "
      "maximum_object_size = {}, columns = {{'ordinal': 'BIGINT', 'request': 'STRUCT(name "
      "VARCHAR, subjects STRUCT(repository_id BIGINT, node_id VARCHAR, full_name VARCHAR)[])', "
      "'observed_at': 'VARCHAR', 'body': {}}})",
      RecordList(dataset),
      list,
      line_bytes_max,
      QuoteLiteral(BodyType(dataset)));
}

std::string RecordSql(const Dataset& dataset, std::span<const Field> fields) {
  const Root root{.name = "r", .structured = IsStructured(dataset)};
  std::string columns;
  for (std::size_t i = 0; i < fields.size(); ++i)
    columns += RawColumns(dataset, fields[i].column, i);
  std::size_t conditions = 0;
  for (const Table& table : dataset.tables) {
    if (table.where)
      columns += fmt::format(", {} IS NOT NULL AS w{}", RawAt(*table.where, root), conditions++);
  }
  std::string rows =
      "SELECT object, line, request, subjects, observed_at, ordinal, unnest(records) AS r, "
      "generate_subscripts(records, 1) AS record FROM line";
  std::string number = "record";
  if (dataset.explode) {
    rows = fmt::format(
        "SELECT *, row_number() OVER (PARTITION BY object, line ORDER BY record, place) AS number "
        "FROM (SELECT * EXCLUDE (elements), unnest(elements) AS x, generate_subscripts(elements, "
        "1) - 1 AS place FROM (SELECT *, {} AS elements FROM ({})))",
        ElementList(*dataset.explode, root),
        rows);
    number = "number";
    columns += ", place";
  }
  return fmt::format(
      "CREATE OR REPLACE TEMP TABLE record AS SELECT object, line, request, observed_at, record, "
      "ordinal * 1000000 + {} AS ordinal{} FROM ({})",
      number,
      columns,
      rows);
}

std::string CheckedSql(std::span<const Field> fields) {
  std::string typed;
  std::string checked;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Column& column = fields[i].column;
    const std::string value = fmt::format("v{}", i);
    typed += fmt::format(", {} AS {}", TypedField(column, i), value);
    // What is computed may be absent although its paths have values.
    const std::string absent = column.source == ColumnSource::kExpression ? "NULL" : "'type'";
    const std::string rule = fmt::format(
        "CASE WHEN b{0} IS NOT NULL THEN 'type' WHEN r{0} IS NULL THEN NULL WHEN v{0} IS NULL THEN "
        "{1}{2} END",
        i,
        absent,
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
        "WHEN v{1} IS NULL AND {4} THEN {{'path': {2}, 'rule': 'required', 'value': r{1}, "
        "'field': {3}}} END",
        i == 0 ? "" : ", ",
        i,
        QuoteLiteral(PlaceOf(dataset, field.column)),
        QuoteLiteral(field.table + "." + field.column.name),
        MissingCondition(dataset, field));
  }
  // 256 characters are at most 1 KiB of UTF-8.
  return fmt::format(
      "CREATE OR REPLACE TEMP TABLE quarantine AS SELECT object, line, record, entry.path AS path, "
      "entry.rule AS rule, "
      "CASE WHEN strlen(entry.value) <= 1024 THEN entry.value ELSE left(entry.value, 256) END AS "
      "value, entry.field AS field "
      "FROM (SELECT object, line, record, ordinal, unnest([{}]) AS entry FROM checked) WHERE entry "
      "IS NOT "
      "NULL "
      "ORDER BY object, line, record, field, ordinal",
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
