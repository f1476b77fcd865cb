#include "warehouse/published_reader.h"

#include <fmt/core.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "warehouse/answer_cache.h"
#include "warehouse/marts.h"
#include "warehouse/published_pointer.h"

namespace stargaze::warehouse {
namespace {

using storage::DuckDb;
using storage::DuckDbConnection;
using storage::QuoteIdentifier;
using storage::QuoteLiteral;
using storage::SqlRows;

// The mart's windows, and how many days before a window's start may stand in for it
// (marts/trend_repository.sql).
struct Window {
  int days = 0;
  int tolerance = 0;
};
constexpr Window kWindows[] = {{1, 0}, {7, 1}, {28, 4}, {90, 13}};

// Answers remembered for one publication.
constexpr std::size_t kRememberedMax = 256;

std::string FileList(const std::vector<std::string>& files) {
  std::string list;
  for (const std::string& file : files) list += (list.empty() ? "" : ", ") + QuoteLiteral(file);
  return "[" + list + "]";
}

bool IsByDay(const std::vector<std::string>& files) {
  return !files.empty() && files.front().find("/day=") != std::string::npos;
}

// The folder names carry the day, so that a condition on `day` opens only the files it needs.
std::string RelationOf(const std::vector<std::string>& files) {
  if (!IsByDay(files)) return fmt::format("read_parquet({})", FileList(files));
  return fmt::format("read_parquet({}, hive_partitioning = true, hive_types = {{'day': DATE}})",
                     FileList(files));
}

Day DayOf(const std::string& file) {
  const std::string mark = "/day=";
  return ParseDay(file.substr(file.rfind(mark) + mark.size(), 10)).value_or(Day{});
}

// The files of the days from `from` to `to`, both included.
std::vector<std::string> FilesBetween(const std::vector<std::string>& files, Day from, Day to) {
  std::vector<std::string> chosen;
  for (const std::string& file : files) {
    const Day day = DayOf(file);
    if (day >= from && day <= to) chosen.push_back(file);
  }
  return chosen;
}

std::vector<std::string> FilesOfSpark(const std::vector<std::string>& files, Day day) {
  return FilesBetween(files, day - kSparkDays + std::chrono::days(1), day);
}

// A window's days before the ranked one: its end, its start, and the start of the window before.
std::vector<std::string> FilesOfWindow(const std::vector<std::string>& files,
                                       Day day,
                                       const Window& window) {
  std::vector<std::string> chosen;
  for (const std::string& file : files) {
    const int64_t back = (day - DayOf(file)).count();
    if (back == 0 || back == window.days || back == int64_t{2} * window.days)
      chosen.push_back(file);
  }
  return chosen;
}

// The days that may stand in for a start on which a repository was not read.
std::vector<std::string> FilesOfTolerance(const std::vector<std::string>& files,
                                          Day day,
                                          const Window& window) {
  std::vector<std::string> chosen;
  for (const std::string& file : files) {
    const int64_t back = (day - DayOf(file)).count();
    const int64_t beyond = back % window.days;
    const int64_t windows = back / window.days;
    if ((windows == 1 || windows == 2) && beyond > 0 && beyond <= window.tolerance)
      chosen.push_back(file);
  }
  return chosen;
}

// What a ranking of the day reads, no more: the days between are not opened, and a day that stands
// in only gives the repositories that lack a reading on the window's end or starts.
std::string ReadingsOfRanking(const std::vector<std::string>& files,
                              Day day,
                              const Window& window) {
  const std::string exact = RelationOf(FilesOfWindow(files, day, window));
  const std::vector<std::string> tolerated = FilesOfTolerance(files, day, window);
  if (tolerated.empty()) return fmt::format("FROM {}", exact);
  return fmt::format(
      "WITH seen AS (SELECT repository_id, count(*) AS days FROM {0} GROUP BY repository_id) "
      "FROM {0} UNION ALL BY NAME SELECT stand_in.* FROM {1} AS stand_in "
      "WHERE repository_id IN (SELECT repository_id FROM seen WHERE days < 3)",
      exact,
      RelationOf(tolerated));
}

// What a page shows beside the mart's own columns; names are split as they were on that day.
std::string WithAttributes(const std::string& trend) {
  return fmt::format(
      "SELECT trend.*, split_part(trend.full_name, '/', 1) AS owner, split_part(trend.full_name, "
      "'/', 2) AS name, lower(trend.full_name) AS full_name_lower, "
      "about.created_at, about.is_fork, about.topics, license.spdx_id, license.name AS "
      "license_name "
      "FROM {} AS trend LEFT JOIN (SELECT repository_id, created_at, is_fork, "
      "from_json(topics, '[\"VARCHAR\"]') AS topics FROM repository) AS about "
      "ON about.repository_id = trend.repository_id "
      "LEFT JOIN license ON license.license_key = trend.license_key",
      trend);
}

}  // namespace

// One publication inside the in-memory database: a schema with a view per table.
struct PublishedSchema {
  Publication publication;
  std::string name;
  std::unique_ptr<DuckDbConnection> keeper;  // Drops the schema when the last lease is gone.
  std::mutex loading_trend;
  bool is_trend_in_memory = false;
  AnswerCache remembered{kRememberedMax};

  ~PublishedSchema() {
    if (keeper != nullptr) (void)keeper->Execute("DROP SCHEMA IF EXISTS " + name + " CASCADE");
  }

  Status CreateViews() {
    SG_RETURN_IF_ERROR(keeper->Execute("CREATE SCHEMA " + name));
    for (const auto& [table, files] : publication.tables) {
      if (files.empty()) continue;
      SG_RETURN_IF_ERROR(keeper->Execute(fmt::format(
          "CREATE VIEW {}.{} AS FROM {}", name, QuoteIdentifier(table), RelationOf(files))));
    }
    return Ok();
  }

  // What nearly every request asks for goes into memory. A repository's readings are one row, found
  // by its id: a page asks for fifty of all that are ranked.
  Status LoadNewest(DuckDbConnection& connection) const {
    const std::vector<std::string> files =
        FilesOfSpark(publication.tables.at("repository_day"), *publication.day);
    return connection.Execute(fmt::format(
        "BEGIN; CREATE OR REPLACE TABLE trend_newest AS {}; "
        "CREATE OR REPLACE TABLE readings_newest AS SELECT repository_id, list(day) AS day, "
        "list(stars) AS stars, list(forks) AS forks FROM {} GROUP BY repository_id "
        "ORDER BY repository_id; "
        "CREATE UNIQUE INDEX readings_newest_id ON readings_newest(repository_id); "
        "CREATE OR REPLACE VIEW reading_newest AS SELECT repository_id, unnest(day) AS day, "
        "unnest(stars) AS stars, unnest(forks) AS forks FROM readings_newest; COMMIT",
        WithAttributes("trend_repository") + " ORDER BY window_days, repository_id",
        RelationOf(files)));
  }
};

struct PublishedLease::Impl {
  std::shared_ptr<PublishedSchema>
      schema;  // Shared: a lease outlives the publication's time as the newest.
  std::unique_ptr<DuckDbConnection> connection;
  DuckDb* database = nullptr;
  const std::string* trend_sql = nullptr;
  std::stop_token stop;
  std::optional<std::stop_callback<std::function<void()>>>
      interrupt;  // Ends before the connection.

  static Result<PublishedLease> Open(std::shared_ptr<PublishedSchema> schema,
                                     DuckDb& database,
                                     const std::string& trend_sql,
                                     const std::stop_token& stop) {
    auto lease = std::make_unique<Impl>();
    lease->schema = std::move(schema);
    lease->database = &database;
    lease->trend_sql = &trend_sql;
    lease->stop = stop;
    SG_TRY(lease->connection, database.Connect());
    SG_RETURN_IF_ERROR(lease->connection->Execute("SET schema = '" + lease->schema->name + "'"));
    lease->interrupt.emplace(stop, [asked = lease->connection.get()] { asked->Interrupt(); });
    return PublishedLease(std::move(lease));
  }
};

struct PublishedReader::Impl {
  std::string directory;
  std::string trend_sql;
  std::unique_ptr<DuckDb> database;
  std::mutex mutex;
  std::shared_ptr<PublishedSchema> newest;
  timespec pointer_time{};
  ino_t pointer_inode = 0;

  Status Refresh();
};

PublishedLease::PublishedLease(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PublishedLease::PublishedLease(PublishedLease&&) noexcept = default;
PublishedLease& PublishedLease::operator=(PublishedLease&&) noexcept = default;
PublishedLease::~PublishedLease() = default;

const Publication& PublishedLease::publication() const {
  return impl_->schema->publication;
}

Result<SqlRows> PublishedLease::Query(std::string_view sql,
                                      std::span<const storage::SqlValue> parameters) {
  return impl_->connection->Query(sql, parameters);
}

Result<std::unique_ptr<storage::DuckDbStream>> PublishedLease::Stream(std::string_view sql) {
  return impl_->connection->Stream(sql);
}

Result<SqlRows> PublishedLease::QueryOnce(const std::string& sql) {
  return QueryOnce(sql, sql, {});
}

Result<SqlRows> PublishedLease::QueryOnce(const std::string& key,
                                          std::string_view sql,
                                          std::span<const storage::SqlValue> parameters) {
  AnswerCache& remembered = impl_->schema->remembered;
  if (std::optional<SqlRows> known = remembered.Find(key)) return *std::move(known);
  SG_TRY(SqlRows rows, Query(sql, parameters));
  remembered.Remember(key, rows);
  return rows;
}

Result<PublishedLease> PublishedLease::Another() const {
  return Impl::Open(impl_->schema, *impl_->database, *impl_->trend_sql, impl_->stop);
}

Result<TrendSource> PublishedLease::NewestTrend() {
  PublishedSchema& schema = *impl_->schema;
  if (!schema.publication.day) return Error(ErrorKind::kNotFound, "no day has been closed yet");
  const std::lock_guard lock(schema.loading_trend);
  if (!schema.is_trend_in_memory) {
    SG_RETURN_IF_ERROR(schema.LoadNewest(*impl_->connection));
    schema.is_trend_in_memory = true;
  }
  return TrendSource{.relation = "trend_newest",
                     .readings = "reading_newest",
                     .day = *schema.publication.day,
                     .is_newest = true};
}

Result<TrendSource> PublishedLease::Trend(std::optional<Day> asof, int64_t window_days) {
  const std::optional<Day>& newest = impl_->schema->publication.day;
  if (!newest || !asof || *asof >= *newest) return NewestTrend();
  return TrendOfPast(*asof, window_days);
}

Result<TrendSource> PublishedLease::TrendOfPast(Day asof, int64_t window_days) {
  const auto* const window = std::find_if(std::begin(kWindows),
                                          std::end(kWindows),
                                          [&](const Window& w) { return w.days == window_days; });
  SG_ASSERT(window != std::end(kWindows));
  const std::vector<storage::SqlValue> parameters{asof};
  SG_TRY(const SqlRows rows, Query("SELECT max(day) FROM closed_day WHERE day <= $1", parameters));
  if (!std::holds_alternative<Day>(rows.rows[0][0])) {
    return Error(ErrorKind::kNotFound, "no day has been closed up to " + FormatDay(asof));
  }
  const Day day = std::get<Day>(rows.rows[0][0]);
  const std::vector<std::string>& files = impl_->schema->publication.tables.at("repository_day");
  // The temporary view hides the one over all days: the mart's text stays as it is.
  SG_RETURN_IF_ERROR(impl_->connection->Execute("CREATE OR REPLACE TEMP VIEW repository_day AS " +
                                                ReadingsOfRanking(files, day, *window)));
  SG_RETURN_IF_ERROR(impl_->connection->Execute(
      "CREATE OR REPLACE TEMP TABLE trend_asof AS " +
      WithAttributes("(" + TrendSql(*impl_->trend_sql, day, window_days) + ")")));
  // Of a year's files only those that a sparkline reads are opened.
  SG_RETURN_IF_ERROR(impl_->connection->Execute(
      "DROP VIEW temp.repository_day; CREATE OR REPLACE TEMP VIEW reading_asof AS FROM " +
      RelationOf(FilesOfSpark(files, day))));
  return TrendSource{.relation = "trend_asof", .readings = "reading_asof", .day = day};
}

PublishedReader::PublishedReader(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
PublishedReader::~PublishedReader() = default;

Result<std::unique_ptr<PublishedReader>> PublishedReader::Open(std::string directory,
                                                               std::string trend_sql) {
  auto impl = std::make_unique<Impl>();
  impl->directory = std::move(directory);
  impl->trend_sql = std::move(trend_sql);
  // One thread a question: requests already run side by side, and a page's questions are too small
  // to share out. A second thread only costs the waiting for it.
  SG_TRY(impl->database, DuckDb::Open({.threads = 1, .memory_limit_bytes = int64_t{1} << 30}));
  return std::unique_ptr<PublishedReader>(new PublishedReader(std::move(impl)));
}

Status PublishedReader::Impl::Refresh() {
  struct stat pointer {};
  if (stat(PointerPath(directory).c_str(), &pointer) != 0) return Ok();
  const bool same = newest != nullptr && pointer.st_ino == pointer_inode &&
                    pointer.st_mtim.tv_sec == pointer_time.tv_sec &&
                    pointer.st_mtim.tv_nsec == pointer_time.tv_nsec;
  if (same) return Ok();
  SG_TRY(std::optional<Publication> publication, ReadPointer(directory));
  if (!publication) return Ok();
  auto schema = std::make_shared<PublishedSchema>();
  schema->name = "published_" + publication->version;
  schema->publication = std::move(*publication);
  SG_TRY(schema->keeper, database->Connect());
  SG_RETURN_IF_ERROR(schema->CreateViews());
  newest = std::move(schema);
  pointer_inode = pointer.st_ino;
  pointer_time = pointer.st_mtim;
  return Ok();
}

Result<PublishedLease> PublishedReader::Acquire(const std::stop_token& stop) {
  std::shared_ptr<PublishedSchema> newest;
  {
    const std::lock_guard lock(impl_->mutex);
    SG_RETURN_IF_ERROR(impl_->Refresh());
    newest = impl_->newest;
  }
  if (newest == nullptr) return Error(ErrorKind::kNotFound, "nothing has been published yet");
  return PublishedLease::Impl::Open(std::move(newest), *impl_->database, impl_->trend_sql, stop);
}

}  // namespace stargaze::warehouse
