#include "warehouse/publisher.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <set>
#include <system_error>
#include <vector>

#include "storage/parquet_writer.h"
#include "warehouse/published_pointer.h"
#include "warehouse/table_sql.h"

namespace stargaze::warehouse {
namespace {

namespace fs = std::filesystem;
using storage::DuckDbConnection;
using storage::QuoteIdentifier;
using storage::QuoteLiteral;
using storage::SqlRows;

// Tables whose files are one per day; `sort` inside a file.
struct PublishedTable {
  std::string name{};
  std::string order{};
  bool by_day = false;
};

std::string OrderOf(const model::Table& table) {
  std::string order;
  for (const std::string& column : StoredKey(table))
    order += (order.empty() ? "" : ", ") + QuoteIdentifier(column);
  return order;
}

std::vector<PublishedTable> PublishedTables(const model::Catalog& catalog) {
  std::vector<PublishedTable> tables{
      {.name = "collection_log", .order = "dataset, subject, attempt"},
      {.name = "closed_day", .order = "day"},
      {.name = "trend_repository", .order = "window_days, repository_id"},
      {.name = "repository_day", .order = "repository_id", .by_day = true},
  };
  for (const model::SharedTable& shared : catalog.tables) {
    tables.push_back({.name = shared.table.name,
                      .order = OrderOf(shared.table),
                      .by_day = shared.table.kind == model::TableKind::kSnapshot});
  }
  return tables;
}

std::string NextVersion(const std::optional<Publication>& current) {
  int64_t number = 0;
  if (current && current->version.size() > 1) {
    const std::string& text = current->version;
    std::from_chars(text.data() + 1, text.data() + text.size(), number);
  }
  return fmt::format("v{:08}", number + 1);
}

Result<std::string> WriteFile(DuckDbConnection& connection,
                              const std::string& select,
                              const std::string& folder,
                              const std::string& name) {
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return Error(ErrorKind::kExhausted,
                 fmt::format("cannot create {}: {}", folder, error.message()));
  const std::string path = folder + "/" + name;
  SG_RETURN_IF_ERROR(connection.Execute(
      fmt::format("COPY ({}) TO {}{}", select, QuoteLiteral(path), storage::ParquetCopyOptions())));
  return path;
}

std::string DayFolder(const std::string& table, Day day) {
  return fmt::format("/{}/day={}", table, FormatDay(day));
}

// Files of days that did not change are taken over from the current publication.
Result<std::vector<std::string>> WriteDays(DuckDbConnection& connection,
                                           const PublishedTable& table,
                                           const std::string& folder,
                                           const std::vector<std::string>& current,
                                           const std::vector<Day>& changed_days) {
  std::vector<std::string> files = current;
  for (const Day day : changed_days) {
    std::erase_if(files, [&](const std::string& file) {
      return file.find(DayFolder(table.name, day) + "/") != std::string::npos;
    });
    const std::string select = fmt::format("SELECT * FROM {} WHERE day = DATE '{}' ORDER BY {}",
                                           QuoteIdentifier(table.name),
                                           FormatDay(day),
                                           table.order);
    SG_TRY(const SqlRows rows,
           connection.Query(fmt::format("SELECT count(*) FROM {} WHERE day = DATE '{}'",
                                        QuoteIdentifier(table.name),
                                        FormatDay(day))));
    if (rows.Integer(0, 0) == 0) continue;
    SG_TRY(std::string path,
           WriteFile(connection, select, folder + DayFolder(table.name, day), "part.parquet"));
    files.push_back(std::move(path));
  }
  std::sort(files.begin(), files.end(), [&](const std::string& a, const std::string& b) {
    const std::string mark = "/" + table.name + "/";
    return a.substr(a.rfind(mark)) < b.substr(b.rfind(mark));
  });
  return files;
}

Result<std::set<std::string>> ChangedTables(DuckDbConnection& connection) {
  SG_TRY(const SqlRows rows, connection.Query("SELECT DISTINCT name FROM changed_table"));
  std::set<std::string> names;
  for (std::size_t row = 0; row < rows.size(); ++row) names.insert(rows.Text(row, 0));
  return names;
}

Result<std::vector<Day>> ChangedDays(DuckDbConnection& connection) {
  SG_TRY(const SqlRows rows, connection.Query("SELECT DISTINCT day FROM changed_day ORDER BY day"));
  std::vector<Day> days;
  for (const auto& row : rows.rows) days.push_back(std::get<Day>(row[0]));
  return days;
}

Result<std::optional<Day>> TrendDay(DuckDbConnection& connection) {
  SG_TRY(const SqlRows rows, connection.Query("SELECT max(day) FROM trend_repository"));
  if (!std::holds_alternative<Day>(rows.rows[0][0])) return std::optional<Day>();
  return std::optional<Day>(std::get<Day>(rows.rows[0][0]));
}

// Keeps what the two publications name; a reader that still holds the earlier one can go on.
void Sweep(const std::string& directory,
           const Publication& current,
           const std::optional<Publication>& previous) {
  std::set<std::string> kept;
  for (const Publication* publication : {&current, previous ? &*previous : nullptr}) {
    if (publication == nullptr) continue;
    for (const auto& [table, files] : publication->tables) kept.insert(files.begin(), files.end());
  }
  std::error_code error;
  std::vector<fs::path> stale;
  for (fs::recursive_directory_iterator it(directory, error), end; !error && it != end;
       it.increment(error)) {
    if (it->path().extension() == ".parquet" && !kept.contains(it->path().string()))
      stale.push_back(it->path());
  }
  for (const fs::path& path : stale) {
    fs::remove(path, error);
    for (fs::path folder = path.parent_path(); folder != directory && fs::remove(folder, error);
         folder = folder.parent_path()) {
    }
  }
}

}  // namespace

Status PublishChanges(DuckDbConnection& connection,
                      const model::Catalog& catalog,
                      const PublishOptions& options,
                      Clock& clock) {
  SG_TRY(const std::optional<Publication> current, ReadPointer(options.directory));
  SG_TRY(const std::set<std::string> changed, ChangedTables(connection));
  SG_TRY(const std::vector<Day> changed_days, ChangedDays(connection));
  if (current && changed.empty() && changed_days.empty()) return Ok();

  Publication next;
  next.version = NextVersion(current);
  next.published_at = clock.Now();
  next.sandbox = options.sandbox;
  SG_TRY(next.day, TrendDay(connection));
  const std::string folder = options.directory + "/" + next.version;
  for (const PublishedTable& table : PublishedTables(catalog)) {
    std::vector<std::string> files;
    if (current && current->tables.contains(table.name)) files = current->tables.at(table.name);
    if (table.by_day) {
      SG_TRY(next.tables[table.name], WriteDays(connection, table, folder, files, changed_days));
    } else if (files.empty() || changed.contains(table.name)) {
      const std::string select =
          fmt::format("SELECT * FROM {} ORDER BY {}", QuoteIdentifier(table.name), table.order);
      SG_TRY(std::string path, WriteFile(connection, select, folder, table.name + ".parquet"));
      next.tables[table.name] = {std::move(path)};
    } else {
      next.tables[table.name] = files;
    }
  }
  SG_RETURN_IF_ERROR(WritePointer(options.directory, next));
  SG_RETURN_IF_ERROR(connection.Execute("DELETE FROM changed_table; DELETE FROM changed_day"));
  Sweep(options.directory, next, current);
  return Ok();
}

}  // namespace stargaze::warehouse
