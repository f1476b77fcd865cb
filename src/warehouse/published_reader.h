// Reads what a load has published: Parquet files behind a pointer, never the live warehouse file.

#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "storage/duckdb.h"
#include "storage/duckdb_stream.h"

namespace stargaze::warehouse {

struct Publication {
  std::string version{};  // Empty: nothing has been published yet.
  Instant published_at{};
  bool sandbox = false;
  std::optional<Day>
      day{};  // The day that trend_repository is about; absent before the first closed day.
  std::map<std::string, std::vector<std::string>> tables{};  // Table → paths of its files.
};

// Seen by every lease of the publication.
struct TrendSource {
  // To stand behind FROM; columns: marts/trend_repository.sql, and owner, name, created_at,
  // full_name_lower, is_fork, topics (a list), spdx_id, license_name.
  std::string relation{};
  // repository_id, day, stars, forks of the kSparkDays that end on `day`, in parts that may be
  // asked beside each other.
  std::vector<std::string> readings{};
  Day day{};
  bool is_newest = false;
  std::shared_ptr<const void> keeper{};  // Of a past day: its table lives as long as this.
};

inline constexpr std::chrono::days kSparkDays{28};

struct PastTrend;

// A connection that sees the tables of one publication under their own names (repository, license,
// repository_snapshot, repository_day, repository_name, repository_membership, collection_log,
// dag_run, trend_repository, closed_day, and every other declared table), however many are
// published meanwhile. For one thread; short-lived: a request's.
class PublishedLease {
 public:
  PublishedLease(PublishedLease&&) noexcept;
  PublishedLease& operator=(PublishedLease&&) noexcept;
  ~PublishedLease();

  const Publication& publication() const;
  Result<storage::SqlRows> Query(std::string_view sql,
                                 std::span<const storage::SqlValue> parameters = {});
  // Rows as they are made; the lease outlives the stream and asks nothing else meanwhile.
  Result<std::unique_ptr<storage::DuckDbStream>> Stream(std::string_view sql);
  // The same as Query, remembered with the publication, which never changes: for questions that
  // many pages ask alike. The text of `sql` must say all that its answer depends on.
  Result<storage::SqlRows> QueryOnce(const std::string& sql);
  // With parameters; `key` names the question, its parameters and the day that it is about.
  Result<storage::SqlRows> QueryOnce(const std::string& key,
                                     std::string_view sql,
                                     std::span<const storage::SqlValue> parameters);

  // Sees the same publication, for another thread of the same request.
  Result<PublishedLease> Another() const;

  // The mart's rows for the newest closed day. kNotFound when there is none.
  Result<TrendSource> NewestTrend();
  // The rows of `window_days`, of the newest closed day up to `asof`; those of a past day are
  // computed on the fly, and kept for a while. kNotFound when there is no such day.
  Result<TrendSource> Trend(std::optional<Day> asof, int64_t window_days);
  // What was read of these repositories on the kSparkDays that end on the ranking's day:
  // repository_id, day, and `column` of repository_day as value; by id, oldest first.
  Result<storage::SqlRows> Readings(const TrendSource& trend,
                                    std::string_view column,
                                    std::span<const int64_t> repository_ids);

 private:
  friend class PublishedReader;
  struct Impl;
  Result<TrendSource> TrendOfPast(Day asof, int64_t window_days);
  Status Make(PastTrend& past, const std::vector<std::string>& files);
  explicit PublishedLease(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// Safe for concurrent use.
class PublishedReader {
 public:
  // `directory` may not exist yet. `trend_sql` is the text of marts/trend_repository.sql.
  static Result<std::unique_ptr<PublishedReader>> Open(std::string directory,
                                                       std::string trend_sql);
  ~PublishedReader();

  // Takes up the newest publication if it is newer than the last one seen. kNotFound before the
  // first. What the lease asks ends with kCancelled once `stop` is requested.
  Result<PublishedLease> Acquire(const std::stop_token& stop = {});

 private:
  struct Impl;
  explicit PublishedReader(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::warehouse
