#include "serve/trends_query.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

namespace stargaze::serve {
namespace {

using storage::SqlRows;
using storage::SqlValue;

constexpr int64_t kPageRows = 50;

// $1 window, $2 text, $3 has licences, $4 licences joined by commas.
constexpr std::string_view kWindowAndText =
    "window_days = $1 AND ($2 = '' OR contains(lower(full_name), lower($2)))";
constexpr std::string_view kLicense =
    "(NOT $3 OR list_contains(string_split($4, ','), coalesce(license_key, 'none')))";

std::string Limit(int64_t limit) {
  return limit == 0 ? std::string() : fmt::format(" LIMIT {}", limit);
}

// Words of the URL to columns: nothing of a request becomes SQL.
std::string SortColumn(const std::string& sort) {
  static const std::map<std::string, std::string> kColumns{
      {"stars", "stars"},
      {"forks", "forks"},
      {"name", "lower(name)"},
      {"owner", "lower(owner)"},
      {"created", "created_at"},
      {"license", "coalesce(spdx_id, license_key)"}};
  return kColumns.at(sort);
}

}  // namespace

std::string TrendsQuery::MatchingText() const {
  return std::string(kWindowAndText);
}

std::string TrendsQuery::Matching() const {
  return fmt::format("{} AND {}", kWindowAndText, kLicense);
}

Result<SqlRows> TrendsQuery::Ask(const std::string& sql) {
  std::string licenses;
  for (const std::string& license : state_.licenses)
    licenses += (licenses.empty() ? "" : ",") + license;
  std::vector<SqlValue> parameters{
      int64_t{state_.window_days}, state_.text, !state_.licenses.empty(), licenses};
  // DuckDB wants exactly the parameters that the statement has.
  if (sql.find("$3") == std::string::npos) parameters.resize(2);
  if (sql.find("$2") == std::string::npos) parameters.resize(1);
  return lease_.Query(sql, parameters);
}

Result<SqlRows> TrendsQuery::Top(int64_t limit) {
  const std::string& m = state_.metric;
  return Ask(fmt::format(
      "SELECT {0}_rank AS rank, {0}_rank_move AS rank_move, repository_id, full_name, {0} AS "
      "value, {0}_gain AS gain, "
      "{0}_velocity AS velocity, coverage FROM {1} WHERE {2} ORDER BY {0} DESC, repository_id{3}",
      m,
      trend_.relation,
      Matching(),
      Limit(limit)));
}

Result<SqlRows> TrendsQuery::Repositories(int64_t limit) {
  const std::string offset =
      limit == 0 ? "" : fmt::format(" OFFSET {}", (state_.page - 1) * kPageRows);
  return Ask(
      fmt::format("SELECT repository_id, full_name, owner, name, created_at, license_key, spdx_id, "
                  "language, stars, forks, archived "
                  "FROM {} WHERE {} ORDER BY {} {} NULLS LAST, repository_id{}{}",
                  trend_.relation,
                  Matching(),
                  SortColumn(state_.sort),
                  state_.ascending ? "ASC" : "DESC",
                  Limit(limit),
                  offset));
}

Result<SqlRows> TrendsQuery::Risers(int64_t limit) {
  const std::string& m = state_.metric;
  const std::string order = m + (state_.rise == "accel" ? "_acceleration" : "_velocity");
  return Ask(
      fmt::format("SELECT row_number() OVER (ORDER BY {4} DESC NULLS LAST, {0}_velocity DESC NULLS "
                  "LAST, repository_id) AS position, repository_id, "
                  "full_name, {0}_velocity AS velocity, {0}_gain AS gain, coverage, "
                  "{0}_acceleration AS acceleration, "
                  "{0}_acceleration_margin AS acceleration_margin, {0} AS value, license_key, "
                  "spdx_id, language, "
                  "{0} / greatest(date_diff('day', created_at, observed_at), 1) AS since_creation "
                  "FROM {1} WHERE {2} ORDER BY position{3}",
                  m,
                  trend_.relation,
                  Matching(),
                  Limit(limit),
                  order));
}

Result<SqlRows> TrendsQuery::Licenses() {
  return Ask(
      fmt::format("SELECT coalesce(license_key, 'none') AS key, any_value(spdx_id) AS spdx_id, "
                  "any_value(license_name) AS name, count(*) AS count "
                  "FROM {} WHERE {} GROUP BY ALL ORDER BY count DESC, key",
                  trend_.relation,
                  MatchingText()));
}

Result<SqlRows> TrendsQuery::Counts() {
  return Ask(
      fmt::format("SELECT count(*) AS matching, count(*) FILTER ({}_velocity IS NULL) AS "
                  "without_velocity FROM {} WHERE {}",
                  state_.metric,
                  trend_.relation,
                  Matching()));
}

Result<SqlRows> TrendsQuery::Readings(const std::vector<int64_t>& repository_ids) {
  std::string ids = "0";  // No repository has this id.
  for (const int64_t id : repository_ids) ids += fmt::format(", {}", id);
  return lease_.Query(
      fmt::format("SELECT repository_id, day, {} AS value FROM {} WHERE day BETWEEN "
                  "DATE '{}' AND DATE '{}' "
                  "AND repository_id IN ({})",
                  state_.metric,
                  trend_.readings,
                  FormatDay(trend_.day - warehouse::kSparkDays + std::chrono::days(1)),
                  FormatDay(trend_.day),
                  ids));
}

Result<SqlRows> TrendsQuery::DayFacts() {
  const std::string day = "DATE '" + FormatDay(trend_.day) + "'";
  const bool has_members = lease_.publication().tables.contains("repository_membership");
  SG_ASSERT(has_members);
  return lease_.QueryOnce(fmt::format(
      "WITH today AS (SELECT * FROM {0} WHERE window_days = 1), "
      "follows AS (SELECT DISTINCT repository_id FROM repository_membership WHERE followed_from < "
      "{1} + 1 "
      "AND (followed_to IS NULL OR followed_to >= {1} + 1)), "
      "first_seen AS (SELECT repository_id, min(first_seen)::DATE AS day FROM repository_name "
      "GROUP BY repository_id), "
      "days AS (SELECT min(day) AS first_day, count(*) AS days FROM closed_day WHERE day <= {1}) "
      "SELECT (SELECT count(*) FROM today) AS ranked, (SELECT count(*) FROM follows) AS tracked, "
      "(SELECT count(*) FROM follows WHERE repository_id NOT IN (SELECT repository_id FROM today)) "
      "AS no_reading, "
      "(SELECT count(*) FROM first_seen, days WHERE day = {1} AND day > first_day) AS new_today, "
      "(SELECT count(DISTINCT repository_id) FROM repository_membership WHERE followed_from::DATE "
      "> {1} - {2} AND followed_from < {1} + 1 "
      "AND followed_from::DATE > (SELECT first_day FROM days) OR followed_to::DATE > {1} - {2} AND "
      "followed_to < {1} + 1) AS followed_set_changed, "
      "(SELECT min(observed_at) FROM today) AS observed_from, (SELECT max(observed_at) FROM today) "
      "AS observed_to, "
      "(SELECT first_day FROM days) AS first_day, (SELECT days FROM days) AS days, "
      "(SELECT string_agg(DISTINCT provenance, ', ') FROM today) AS provenance, "
      "(SELECT string_agg(DISTINCT request, ', ') FROM today) AS request",
      trend_.relation,
      day,
      state_.window_days));
}

}  // namespace stargaze::serve
