#include "warehouse/published_schema.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "warehouse/published_files.h"

namespace stargaze::warehouse {
namespace {

using storage::DuckDb;
using storage::DuckDbConnection;

// Answers remembered for one publication_.
constexpr std::size_t kRememberedMax = 256;
// Rankings of past_ days kept for one publication: what somebody who looks at one asks about it.
constexpr std::size_t kPastTrendsMax = 4;

}  // namespace

std::string WithAttributes(const std::string& trend) {
  return fmt::format(
      "SELECT trend.*, split_part(trend.full_name, '/', 1) AS owner, split_part(trend.full_name, "
      "'/', 2) AS name, lower(trend.full_name) AS full_name_lower, "
      "about.created_at, about.is_fork, about.topics, license.spdx_id, license.name AS "
      "license_name "
      "FROM {} AS trend LEFT JOIN attributes AS about "
      "ON about.repository_id = trend.repository_id "
      "LEFT JOIN license ON license.license_key = trend.license_key",
      trend);
}

PastTrend::~PastTrend() {
  Result<std::unique_ptr<DuckDbConnection>> connection = database.Connect();
  if (connection.ok()) (void)connection.value()->Execute("DROP TABLE IF EXISTS " + relation);
}

PublishedSchema::PublishedSchema(Publication published)
    : publication_(std::move(published)),
      name_("published_" + publication_.version),
      remembered_(kRememberedMax) {}

PublishedSchema::~PublishedSchema() {
  if (keeper_ != nullptr) (void)keeper_->Execute("DROP SCHEMA IF EXISTS " + name_ + " CASCADE");
}

Status PublishedSchema::CreateViews(DuckDb& database) {
  SG_TRY(keeper_, database.Connect());
  SG_RETURN_IF_ERROR(keeper_->Execute("CREATE SCHEMA " + name_));
  for (const auto& [table, files] : publication_.tables) {
    if (files.empty()) continue;
    SG_RETURN_IF_ERROR(keeper_->Execute(fmt::format("CREATE VIEW {}.{} AS FROM {}",
                                                    name_,
                                                    storage::QuoteIdentifier(table),
                                                    RelationOf(files))));
  }
  return Ok();
}

Status PublishedSchema::LoadAttributes(DuckDbConnection& connection) {
  const std::lock_guard lock(loading_);
  if (are_attributes_in_memory_) return Ok();
  SG_RETURN_IF_ERROR(connection.Execute(
      "CREATE OR REPLACE TABLE attributes AS SELECT repository_id, created_at, is_fork, "
      "from_json(topics, '[\"VARCHAR\"]') AS topics FROM repository"));
  are_attributes_in_memory_ = true;
  return Ok();
}

Status PublishedSchema::LoadNewest(DuckDbConnection& connection) {
  SG_RETURN_IF_ERROR(LoadAttributes(connection));
  const std::lock_guard lock(loading_);
  if (is_newest_in_memory_) return Ok();
  std::string tables;
  std::string all;
  for (const int64_t window : RankedWindows()) {
    tables += fmt::format(
        "CREATE OR REPLACE TABLE {}_{} AS {} ORDER BY trend.repository_id; ",
        kNewestTrend,
        window,
        WithAttributes(fmt::format("(FROM trend_repository WHERE window_days = {})", window)));
    all += fmt::format("{}FROM {}_{}", all.empty() ? "" : " UNION ALL ", kNewestTrend, window);
  }
  SG_RETURN_IF_ERROR(connection.Execute(fmt::format(
      "BEGIN; {} CREATE OR REPLACE VIEW {} AS {}; "
      "CREATE OR REPLACE TABLE readings_newest AS SELECT repository_id, list(day) AS day, "
      "list(stars) AS stars, list(forks) AS forks FROM {} GROUP BY repository_id "
      "ORDER BY repository_id; "
      "CREATE UNIQUE INDEX readings_newest_id ON readings_newest(repository_id); "
      "CREATE OR REPLACE VIEW reading_newest AS SELECT repository_id, unnest(day) AS day, "
      "unnest(stars) AS stars, unnest(forks) AS forks FROM readings_newest; COMMIT",
      tables,
      kNewestTrend,
      all,
      RelationOf(FilesOfSpark(publication_.tables.at("repository_day"), *publication_.day)))));
  is_newest_in_memory_ = true;
  return Ok();
}

std::shared_ptr<PastTrend> PublishedSchema::FindPast(DuckDb& database,
                                                     Day day,
                                                     int64_t window_days) {
  const std::lock_guard lock(finding_);
  const auto known = std::find_if(past_.begin(), past_.end(), [&](const auto& one) {
    return one->day == day && one->window_days == window_days;
  });
  std::shared_ptr<PastTrend> found;
  if (known != past_.end()) {
    found = *known;
    past_.erase(known);
  } else {
    found = std::make_shared<PastTrend>(
        database, fmt::format("{}.trend_past_{}", name_, ++past_made_), day, window_days);
  }
  past_.push_front(found);
  if (past_.size() > kPastTrendsMax) past_.pop_back();
  return found;
}

}  // namespace stargaze::warehouse
