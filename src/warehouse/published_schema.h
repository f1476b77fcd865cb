// One publication inside the reader's in-memory database. For published_reader.cc.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"
#include "storage/duckdb.h"
#include "warehouse/answer_cache.h"
#include "warehouse/published_reader.h"

namespace stargaze::warehouse {

inline constexpr std::string_view kNewestTrend = "trend_newest";

// A query over a ranking's rows with what a page shows beside the mart's own columns; names are
// split as they were on that day. `trend` stands behind FROM; needs LoadAttributes.
std::string WithAttributes(const std::string& trend);

// A ranking of a past day, in memory for as long as somebody may ask for it.
struct PastTrend {
  PastTrend(storage::DuckDb& of, std::string table, Day of_day, int64_t of_window)
      : database(of), relation(std::move(table)), day(of_day), window_days(of_window) {}
  PastTrend(const PastTrend&) = delete;
  PastTrend& operator=(const PastTrend&) = delete;
  ~PastTrend();

  storage::DuckDb& database;
  const std::string relation;
  const Day day;
  const int64_t window_days;
  std::mutex making;
  bool is_made = false;
};

// A schema with a view per table. Safe for concurrent use once the views are created.
class PublishedSchema {
 public:
  explicit PublishedSchema(Publication published);
  PublishedSchema(const PublishedSchema&) = delete;
  PublishedSchema& operator=(const PublishedSchema&) = delete;
  ~PublishedSchema();

  const Publication& publication() const { return publication_; }
  const std::string& name() const { return name_; }
  AnswerCache& remembered() { return remembered_; }

  Status CreateViews(storage::DuckDb& database);
  // The following create what they say once; the connection's schema is this one.
  Status LoadAttributes(storage::DuckDbConnection& connection);
  // What nearly every request asks for goes into memory: a table for each window, since each asks
  // for one ("trend_newest_7"), and a view over all. A repository's readings are one row, found by
  // its id: a page asks for fifty of all that are ranked.
  Status LoadNewest(storage::DuckDbConnection& connection);
  // The ranking's place, made or not. Those that have not been asked for longest make room.
  std::shared_ptr<PastTrend> FindPast(storage::DuckDb& database, Day day, int64_t window_days);

 private:
  const Publication publication_;
  const std::string name_;
  std::unique_ptr<storage::DuckDbConnection> keeper_;  // Drops the schema in the end.
  std::mutex loading_;
  bool is_newest_in_memory_ = false;
  bool are_attributes_in_memory_ = false;
  std::mutex finding_;
  std::deque<std::shared_ptr<PastTrend>> past_;  // Asked for last: first.
  int64_t past_made_ = 0;
  AnswerCache remembered_;
};

}  // namespace stargaze::warehouse
