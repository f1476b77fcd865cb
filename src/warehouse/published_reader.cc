#include "warehouse/published_reader.h"

#include <fmt/core.h>
#include <fmt/ranges.h>
#include <sys/stat.h>

#include <algorithm>
#include <functional>
#include <future>
#include <iterator>
#include <mutex>
#include <optional>
#include <stop_token>
#include <utility>

#include "warehouse/marts.h"
#include "warehouse/published_files.h"
#include "warehouse/published_pointer.h"
#include "warehouse/published_schema.h"

namespace stargaze::warehouse {
namespace {

using storage::DuckDb;
using storage::DuckDbConnection;
using storage::SqlRows;

}  // namespace

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
    SG_RETURN_IF_ERROR(lease->connection->Execute("SET schema = '" + lease->schema->name() + "'"));
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
  return impl_->schema->publication();
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
  AnswerCache& remembered = impl_->schema->remembered();
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
  if (!schema.publication().day) return Error(ErrorKind::kNotFound, "no day has been closed yet");
  SG_RETURN_IF_ERROR(schema.LoadNewest(*impl_->connection));
  return TrendSource{.relation = std::string(kNewestTrend),
                     .readings = {"reading_newest"},
                     .day = *schema.publication().day,
                     .is_newest = true};
}

Result<TrendSource> PublishedLease::Trend(std::optional<Day> asof, int64_t window_days) {
  const std::optional<Day>& newest = impl_->schema->publication().day;
  if (newest && asof && *asof < *newest) return TrendOfPast(*asof, window_days);
  SG_TRY(TrendSource source, NewestTrend());
  source.relation = fmt::format("{}_{}", kNewestTrend, window_days);
  return source;
}

Result<TrendSource> PublishedLease::TrendOfPast(Day asof, int64_t window_days) {
  const std::vector<storage::SqlValue> parameters{asof};
  SG_TRY(const SqlRows rows, Query("SELECT max(day) FROM closed_day WHERE day <= $1", parameters));
  if (!std::holds_alternative<Day>(rows.rows[0][0])) {
    return Error(ErrorKind::kNotFound, "no day has been closed up to " + FormatDay(asof));
  }
  const Day day = std::get<Day>(rows.rows[0][0]);
  PublishedSchema& schema = *impl_->schema;
  SG_RETURN_IF_ERROR(schema.LoadAttributes(*impl_->connection));
  std::shared_ptr<PastTrend> past = schema.FindPast(*impl_->database, day, window_days);
  const std::vector<std::string>& files = schema.publication().tables.at("repository_day");
  const std::lock_guard lock(past->making);
  if (!past->is_made) SG_RETURN_IF_ERROR(Make(*past, files));
  // Two parts, for two threads: opening the files is most of the work.
  const std::vector<std::string> spark = FilesOfSpark(files, day);
  const auto middle = spark.begin() + std::ssize(spark) / 2;
  std::vector<std::string> readings{RelationOf({middle, spark.end()})};
  if (middle != spark.begin()) readings.push_back(RelationOf({spark.begin(), middle}));
  return TrendSource{
      .relation = past->relation, .readings = std::move(readings), .day = day, .keeper = past};
}

Status PublishedLease::Make(PastTrend& past, const std::vector<std::string>& files) {
  std::vector<StandIn> stand_ins = StandInsOfRanking(files, past.day, past.window_days);
  for (StandIn& stand_in : stand_ins) {
    SG_TRY(const SqlRows rows, Query(stand_in.unread_sql));
    for (std::size_t row = 0; row < rows.size(); ++row)
      stand_in.unread.push_back(rows.Integer(row, 0));
  }
  // The temporary view hides the one over all days: the mart's text stays as it is.
  SG_RETURN_IF_ERROR(impl_->connection->Execute(fmt::format(
      "CREATE OR REPLACE TEMP VIEW repository_day AS {}; CREATE OR REPLACE TABLE {} AS {}; "
      "DROP VIEW temp.repository_day",
      ReadingsOfRanking(files, past.day, past.window_days, stand_ins),
      past.relation,
      WithAttributes("(" + TrendSql(*impl_->trend_sql, past.day, past.window_days) + ")"))));
  past.is_made = true;
  return Ok();
}

Result<SqlRows> PublishedLease::Readings(const TrendSource& trend,
                                         std::string_view column,
                                         std::span<const int64_t> repository_ids) {
  const auto sql_of = [&](const std::string& part) {
    return fmt::format(
        "SELECT repository_id, day, {} AS value FROM {} WHERE day BETWEEN DATE '{}' AND DATE '{}' "
        "AND repository_id IN (0{}{}) ORDER BY repository_id, day",  // No repository has the id 0.
        column,
        part,
        FormatDay(trend.day - kSparkDays + std::chrono::days(1)),
        FormatDay(trend.day),
        repository_ids.empty() ? "" : ", ",
        fmt::join(repository_ids, ", "));
  };
  std::vector<std::future<Result<SqlRows>>> others;
  for (std::size_t part = 1; part < trend.readings.size(); ++part) {
    others.push_back(std::async(std::launch::async, [&, part]() -> Result<SqlRows> {
      SG_TRY(PublishedLease beside, Another());
      return beside.Query(sql_of(trend.readings[part]));
    }));
  }
  SG_TRY(SqlRows rows, Query(sql_of(trend.readings.front())));
  if (others.empty()) return rows;
  for (std::future<Result<SqlRows>>& other : others) {
    SG_TRY(SqlRows more, other.get());
    std::ranges::move(more.rows, std::back_inserter(rows.rows));
  }
  std::ranges::sort(rows.rows, {}, [](const std::vector<storage::SqlValue>& row) {
    return std::pair(std::get<int64_t>(row[0]), std::get<Day>(row[1]));
  });
  return rows;
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
  auto schema = std::make_shared<PublishedSchema>(std::move(*publication));
  SG_RETURN_IF_ERROR(schema->CreateViews(*database));
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
