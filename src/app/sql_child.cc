// The child's side: into the jail, then one SELECT over the published files.

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <istream>
#include <iterator>
#include <ostream>

#include <boost/json.hpp>

#include "app/sql_jail.h"
#include "app/sql_request.h"
#include "serve/json_rows.h"

namespace stargaze::app {
namespace {

namespace json = boost::json;
using storage::DuckDbConnection;
using storage::QuoteIdentifier;
using storage::QuoteLiteral;
using storage::SqlRows;

constexpr int kThreads = 2;

// DuckDB's words about a person's SQL, without what we have put around it.
Error Explained(const Error& error) {
  std::string text = error.message();
  for (const std::string_view mark : {"\n\nLINE ",
                                      "\nLINE ",
                                      "\nDatabase is launched",
                                      " in: CREATE TEMP VIEW",
                                      " in: SELECT "}) {
    if (const std::size_t at = text.find(mark); at != std::string::npos) text.resize(at);
  }
  if (text.starts_with("DuckDB: ")) text.erase(0, 8);
  for (char& c : text) c = c == '\n' ? ' ' : c;
  const auto has = [&](std::string_view part) { return text.find(part) != std::string::npos; };
  if (has("Permission Error") || has("configuration has been locked") || has("Not permitted"))
    return Error(ErrorKind::kUnauthorized, text)
        .Remedy("only the published tables can be read: stargaze sql --tables");
  if (error.kind() == ErrorKind::kOutOfMemory || has("Out of Memory"))
    return Error(ErrorKind::kOutOfMemory, text)
        .Remedy("ask for less, or give it more: --memory MIB");
  return Error(ErrorKind::kInvalidInput, text)
      .Remedy("stargaze sql --tables lists the tables and their columns");
}

// DuckDB's own parser counts the statements and says whether they are SELECTs; nothing runs.
Status CheckOneSelect(DuckDbConnection& connection, const std::string& sql) {
  if (sql.find('\0') != std::string::npos)
    return Error(ErrorKind::kInvalidInput, "the statement holds a zero byte");
  const std::vector<storage::SqlValue> parameters{sql};
  SG_TRY(const SqlRows rows,
         connection.Query("SELECT json_serialize_sql(CAST($1 AS VARCHAR))", parameters));
  boost::system::error_code error;
  json::parse_options options;
  options.max_depth = 4096;
  const json::value parsed = json::parse(rows.Text(0, 0), error, {}, options);
  if (error || !parsed.is_object())
    return Error(ErrorKind::kInvalidInput, "the statement is nested too deeply");
  const json::object& answer = parsed.as_object();
  if (const json::value* message = answer.if_contains("error_message")) {
    const std::string text(message->as_string());
    if (text.starts_with("Only SELECT"))
      return Error(ErrorKind::kUnauthorized, "only a SELECT is answered")
          .Remedy("nothing can be written, attached, installed or set here");
    return Error(ErrorKind::kInvalidInput, text).Remedy("one SELECT, as DuckDB writes it");
  }
  const std::size_t count = answer.at("statements").as_array().size();
  if (count == 1) return Ok();
  return Error(ErrorKind::kInvalidInput, fmt::format("{} statements instead of one SELECT", count))
      .Remedy("ask one at a time");
}

// SHOW, DESCRIBE and SUMMARIZE are SELECTs to DuckDB, but no view can be made of them as they are.
std::string AsSelect(std::string sql) {
  const std::size_t start = sql.find_first_not_of(" \t\r\n");
  if (start == std::string::npos) return sql;
  std::string word = sql.substr(start, sql.find_first_of(" \t\r\n", start) - start);
  std::transform(word.begin(), word.end(), word.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  if (word != "show" && word != "describe" && word != "summarize") return sql;
  sql.resize(sql.find_last_not_of(" \t\r\n;") + 1);
  return "FROM (" + sql + ")";
}

// Reading these files is all that is left to the database.
Status Confine(DuckDbConnection& connection, const json::object& tables) {
  std::string paths;
  for (const auto& [table, files] : tables) {
    for (const json::value& file : files.as_array())
      paths += (paths.empty() ? "" : ", ") + QuoteLiteral(std::string(file.as_string()));
  }
  SG_RETURN_IF_ERROR(connection.Execute("SET allowed_paths = [" + paths + "]"));
  SG_RETURN_IF_ERROR(connection.Execute("SET enable_external_access = false"));
  for (const auto& [table, files] : tables) {
    std::string list;
    for (const json::value& file : files.as_array())
      list += (list.empty() ? "" : ", ") + QuoteLiteral(std::string(file.as_string()));
    const bool by_day = list.find("/day=") != std::string::npos;
    SG_RETURN_IF_ERROR(connection.Execute(
        fmt::format("CREATE VIEW {} AS FROM read_parquet([{}]{})",
                    QuoteIdentifier(std::string(table)),
                    list,
                    by_day ? ", hive_partitioning = true, hive_types = {'day': DATE}" : "")));
  }
  return connection.Execute("SET lock_configuration = true");
}

// What has no form of ours becomes text; exact sums become BIGINT or an error, never rounded.
std::string Cast(const std::string& column, const std::string& type) {
  std::string name = QuoteIdentifier(column);
  if (type == "HUGEINT" || type == "UHUGEINT" || type == "UBIGINT")
    return fmt::format("CAST({0} AS BIGINT) AS {0}", name);
  if (type.starts_with("DECIMAL")) return fmt::format("CAST({0} AS DOUBLE) AS {0}", name);
  for (const std::string_view plain : {"BOOLEAN",
                                       "TINYINT",
                                       "SMALLINT",
                                       "INTEGER",
                                       "BIGINT",
                                       "UTINYINT",
                                       "USMALLINT",
                                       "UINTEGER",
                                       "FLOAT",
                                       "DOUBLE",
                                       "VARCHAR",
                                       "TIMESTAMP",
                                       "DATE"}) {
    if (type == plain) return name;
  }
  return fmt::format("CAST({0} AS VARCHAR) AS {0}", name);
}

Status Answer(DuckDbConnection& connection, const json::object& request, std::ostream& out) {
  const std::string sql(request.at("sql").as_string());
  SG_RETURN_IF_ERROR(CheckOneSelect(connection, sql));
  if (Status made = connection.Execute("CREATE TEMP VIEW answer AS " + AsSelect(sql)); !made.ok())
    return Explained(made.error());
  Result<SqlRows> columns = connection.Query("DESCRIBE answer");
  if (!columns.ok()) return Explained(columns.error());
  std::string list;
  for (std::size_t row = 0; row < columns.value().size(); ++row) {
    list += (list.empty() ? "" : ", ") +
            Cast(columns.value().Text(row, 0), columns.value().Text(row, 1));
  }
  const int64_t limit = request.at("rows").as_int64();
  auto stream = connection.Stream(fmt::format("SELECT {} FROM answer LIMIT {}", list, limit + 1));
  if (!stream.ok()) return Explained(stream.error());
  bool first = true;
  int64_t left = limit;
  bool truncated = false;
  while (true) {
    Result<SqlRows> rows = stream.value()->Next();
    if (!rows.ok()) return Explained(rows.error());
    if (std::exchange(first, false)) {
      json::array names;
      for (const storage::SqlColumn& column : rows.value().columns) names.emplace_back(column.name);
      out << json::serialize(json::object{{"columns", names}}) << "\n";
    }
    if (rows.value().empty()) break;
    for (const auto& row : rows.value().rows) {
      if (left-- <= 0) {
        truncated = true;
        break;
      }
      json::array values;
      for (const storage::SqlValue& value : row) values.push_back(serve::ToJson(value));
      out << json::serialize(values) << "\n";
    }
    if (truncated) break;
  }
  out << json::serialize(json::object{{"end", true}, {"truncated", truncated}}) << "\n";
  return Ok();
}

Status Run(std::istream& in, std::ostream& out) {
  const std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  const json::value parsed = json::parse(text);
  const json::object& request = parsed.as_object();
  const int64_t memory_mb = request.at("memory_mb").as_int64();
  SG_RETURN_IF_ERROR(storage::DuckDb::LoadLibrary());
  SG_RETURN_IF_ERROR(
      EnterSqlJail(std::chrono::seconds(request.at("seconds").as_int64()), memory_mb, kThreads));
  SG_TRY(const std::unique_ptr<storage::DuckDb> database,
         storage::DuckDb::Open({.threads = kThreads, .memory_limit_bytes = memory_mb << 20}));
  SG_TRY(const std::unique_ptr<DuckDbConnection> connection, database->Connect());
  SG_RETURN_IF_ERROR(Confine(*connection, request.at("tables").as_object()));
  return Answer(*connection, request, out);
}

}  // namespace

int RunSqlChild(std::istream& in, std::ostream& out) {
  Status done = Ok();
  try {
    done = Run(in, out);
  } catch (const std::exception& error) {  // The parent's JSON is well formed: memory.
    done = Error(ErrorKind::kOutOfMemory, error.what()).Remedy("give it more: --memory MIB");
  }
  if (!done.ok()) {
    out << json::serialize(json::object{{"error", done.error().message()},
                                        {"kind", static_cast<int64_t>(done.error().kind())},
                                        {"remedy", done.error().remedy()}})
        << "\n";
  }
  out.flush();
  return done.ok() ? 0 : 1;
}

}  // namespace stargaze::app
