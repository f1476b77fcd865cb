#include <fmt/core.h>

#include <fstream>
#include <iostream>
#include <memory>
#include <sstream>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/sql_request.h"
#include "warehouse/published_pointer.h"

namespace stargaze::app {
namespace {

constexpr std::chrono::seconds kTimeLimit{30};  // Without --timeout.
constexpr std::size_t kSqlMax = std::size_t{1} << 20;

// Everything that is published, as its columns.
constexpr const char* kTables =
    "SELECT table_name AS \"table\", column_name AS \"column\", data_type AS type "
    "FROM duckdb_columns() WHERE schema_name = 'main' AND NOT internal AND database_name = "
    "'memory' "
    "ORDER BY 1, column_index";

struct SqlOptions {
  std::string sql{};
  std::string file{};
  bool tables = false;
  int64_t memory_mb = 512;
  int64_t rows = 10'000;
};

Result<std::string> ReadAll(std::istream& in, const std::string& name) {
  std::string text(kSqlMax + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.size() <= kSqlMax) return text;
  return Error(ErrorKind::kInvalidInput, fmt::format("{} holds more than 1 MiB of SQL", name));
}

Result<std::string> Statement(const SqlOptions& options) {
  if (options.tables) return std::string(kTables);
  const bool both = !options.sql.empty() && !options.file.empty();
  if (options.sql.empty() == options.file.empty())
    return Error(ErrorKind::kInvalidInput,
                 both ? "a statement and a file: which one?" : "there is no statement")
        .Remedy("stargaze sql \"SELECT …\", -f FILE, or - to read standard input");
  if (options.sql == "-" || options.file == "-") return ReadAll(std::cin, "standard input");
  if (options.file.empty()) return options.sql;
  std::ifstream file(options.file, std::ios::binary);
  if (!file)
    return Error(ErrorKind::kNotFound, "the file cannot be read: " + options.file)
        .Remedy("check its name and its permissions");
  return ReadAll(file, options.file);
}

Status Sql(Session& session, const SqlOptions& options) {
  const bool is_of_client = !options.file.empty() || options.sql == "-";
  if (is_of_client && session.environment().attached != nullptr)
    return Error(ErrorKind::kInvalidInput, "a server does not see your files and your input")
        .Remedy("hand the statement over: stargaze --server URL sql \"$(cat FILE)\"");
  SG_TRY(const std::string sql, Statement(options));
  SG_TRY(const std::string home, session.Home());
  const std::string published = home + "/published";
  SG_TRY(const std::optional<warehouse::Publication> publication,
         warehouse::ReadPointer(published));
  if (!publication)
    return Error(ErrorKind::kNotFound, "nothing has been published yet: " + published)
        .Remedy(
            "collect first: stargaze dag run github_repo; or look at another data folder with "
            "--home");
  SystemClock clock;
  SG_TRY(const SqlAnswer answer,
         AskInChild(*publication,
                    sql,
                    {.time = session.time_limit().value_or(kTimeLimit),
                     .memory_mb = options.memory_mb,
                     .rows = options.rows},
                    clock,
                    session.environment().stop));
  TableOutput table{.rows = answer.rows.rows};
  for (const storage::SqlColumn& column : answer.rows.columns) table.columns.push_back(column.name);
  session.Print(table);
  if (answer.truncated)
    session.err() << fmt::format("the first {} rows; there are more: --rows N\n", options.rows);
  return Ok();
}

}  // namespace

void AddSqlCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<SqlOptions>();
  CLI::App* sql = app.add_subcommand("sql", "Ask the published tables: one SELECT, nothing else");
  sql->add_option("statement", options->sql, "One SELECT, as DuckDB writes it; -: standard input");
  sql->add_option("-f,--file", options->file, "Read the statement from a file")->type_name("FILE");
  sql->add_flag("--tables", options->tables, "List the tables and their columns");
  sql->add_option("--memory", options->memory_mb, "MiB of memory that it may use")
      ->type_name("MIB")
      ->check(CLI::Range(64, 65'536))
      ->capture_default_str();
  sql->add_option("--rows", options->rows, "Rows at most")
      ->type_name("N")
      ->check(CLI::Range(1, 1'000'000))
      ->capture_default_str();
  sql->callback([&session, options] {
    session.limits_itself = true;
    session.reach = Reach::kServer;
    session.action = [options](Session& s) { return Sql(s, *options); };
  });
}

}  // namespace stargaze::app
