#include "serve/trends_query.h"

#include <fmt/core.h>

#include <algorithm>
#include <map>

#include "serve/license_class.h"

namespace stargaze::serve {
namespace {

using storage::SqlRows;
using storage::SqlValue;

constexpr int64_t kPageRows = 50;
constexpr int kRankSteps = 8;
constexpr int kFacetValues = 40;

// Newest windows of the page's metric; what the published tables lack is joined as the page sees
// it.
constexpr std::string_view kShownTrend =
    "WITH trend AS (\n  SELECT t.*, split_part(t.full_name, '/', 1) AS owner, "
    "split_part(t.full_name, '/', 2) AS name, lower(t.full_name) AS full_name_lower,\n    "
    "r.created_at, r.is_fork, "
    "from_json(r.topics, '[\"VARCHAR\"]') AS topics, l.spdx_id, l.name AS license_name\n"
    "  FROM trend_repository AS t\n  LEFT JOIN repository AS r USING (repository_id)\n"
    "  LEFT JOIN license AS l ON l.license_key = t.license_key\n)";

std::string Limit(int64_t limit) {
  return limit == 0 ? std::string() : fmt::format(" LIMIT {}", limit);
}

std::string Joined(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : ",") + word;
  return joined;
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

std::string In(Statement& statement,
               const std::string& column,
               const std::vector<std::string>& words) {
  if (words.empty()) return "false";
  std::string places;
  for (const std::string& word : words)
    places += (places.empty() ? "" : ", ") + statement.Bind(word);
  return fmt::format("{} IN ({})", column, places);
}

// Classes become the keys that they have.
std::string LicenseCondition(Statement& statement, const std::vector<std::string>& licenses) {
  std::vector<std::string> keys;
  std::vector<std::string> known;
  bool is_other_wanted = false;
  for (const std::string& wanted : licenses) {
    if (!wanted.starts_with("class:")) keys.push_back(wanted);
    if (wanted == "class:other") is_other_wanted = true;
  }
  for (const auto& [key, name] : LicenseClassTable()) {
    known.push_back(key);
    if (std::find(licenses.begin(), licenses.end(), "class:" + name) != licenses.end())
      keys.push_back(key);
  }
  const std::string column = "coalesce(license_key, 'none')";
  std::string listed = In(statement, column, keys);
  if (!is_other_wanted) return listed;
  return fmt::format("({} OR NOT {})", listed, In(statement, column, known));
}

void Replace(std::string& text, const std::string& from, const std::string& to) {
  for (std::size_t at = text.find(from); at != std::string::npos;
       at = text.find(from, at + to.size()))
    text.replace(at, from.size(), to);
}

}  // namespace

// A constant, unlike the column of the same value: it lets a scan skip what is older.
std::string TrendsQuery::DayLiteral() const {
  return "DATE '" + FormatDay(trend_.day) + "'";
}

std::string TrendsQuery::Matching(Statement& statement, Facet except) const {
  std::string sql = "window_days = " + statement.Bind(int64_t{state_.window_days});
  if (!state_.text.empty())
    sql += fmt::format(" AND contains(full_name_lower, lower({}))", statement.Bind(state_.text));
  if (!state_.licenses.empty() && except != Facet::kLicense)
    sql += " AND " + LicenseCondition(statement, state_.licenses);
  if (!state_.languages.empty() && except != Facet::kLanguage)
    sql += " AND " + In(statement, "coalesce(language, 'none')", state_.languages);
  if (!state_.topics.empty() && except != Facet::kTopic)
    sql += fmt::format(" AND list_has_any(topics, string_split({}, ','))",
                       statement.Bind(Joined(state_.topics)));
  if (state_.age_days_max)
    sql += fmt::format(" AND created_at > {} - CAST({} AS INTEGER)",
                       DayLiteral(),
                       statement.Bind(*state_.age_days_max));
  if (state_.value_min)
    sql += fmt::format(" AND {} >= {}", state_.metric, statement.Bind(*state_.value_min));
  if (state_.value_max)
    sql += fmt::format(" AND {} <= {}", state_.metric, statement.Bind(*state_.value_max));
  if (state_.hide_archived) sql += " AND NOT coalesce(archived, false)";
  if (state_.hide_forks) sql += " AND NOT coalesce(is_fork, false)";
  return sql;
}

Result<SqlRows> TrendsQuery::Ask(const Statement& statement) {
  return lease_.Query(statement.sql, statement.parameters());
}

Result<SqlRows> TrendsQuery::AskOnce(const Statement& statement) {
  const std::string key = FormatDay(trend_.day) + " " + statement.Shown();
  return lease_.QueryOnce(key, statement.sql, statement.parameters());
}

Statement TrendsQuery::Top(int64_t limit) const {
  Statement statement;
  statement.sql = fmt::format(
      "SELECT {0}_rank AS rank, {0}_rank_move AS rank_move, repository_id, full_name, {0} AS "
      "value, {0}_gain AS gain, {0}_velocity AS velocity, coverage FROM {1} WHERE {2} "
      "ORDER BY {0} DESC, repository_id{3}",
      state_.metric,
      trend_.relation,
      Matching(statement),
      Limit(limit));
  return statement;
}

Statement TrendsQuery::Repositories(int64_t limit) const {
  const std::string offset =
      limit == 0 ? "" : fmt::format(" OFFSET {}", (state_.page - 1) * kPageRows);
  Statement statement;
  statement.sql = fmt::format(
      "SELECT repository_id, full_name, owner, name, created_at, license_key, spdx_id, "
      "language, stars, forks, archived "
      "FROM {} WHERE {} ORDER BY {} {} NULLS LAST, repository_id{}{}",
      trend_.relation,
      Matching(statement),
      SortColumn(state_.sort),
      state_.ascending ? "ASC" : "DESC",
      Limit(limit),
      offset);
  return statement;
}

// Only the rows that are wanted are numbered: a window over all of them costs ten times the rest.
Statement TrendsQuery::Risers(int64_t limit) const {
  const std::string& m = state_.metric;
  const std::string order =
      fmt::format("{0}{1} DESC NULLS LAST, {0}_velocity DESC NULLS LAST, repository_id",
                  m,
                  state_.rise == "accel" ? "_acceleration" : "_velocity");
  Statement statement;
  statement.sql = fmt::format(
      "SELECT row_number() OVER (ORDER BY {4}) AS position, repository_id, full_name, "
      "{0}_velocity AS velocity, "
      "{0}_gain AS gain, coverage, {0}_acceleration AS acceleration, "
      "{0}_acceleration_margin AS acceleration_margin, {0} AS value, license_key, spdx_id, "
      "language, {0} / greatest(date_diff('day', created_at, observed_at), 1) AS since_creation "
      "FROM (SELECT * FROM {1} WHERE {2} ORDER BY {4}{3}) AS riser ORDER BY position",
      m,
      trend_.relation,
      Matching(statement),
      Limit(limit),
      order);
  return statement;
}

Statement TrendsQuery::NewRepositories(int64_t limit) const {
  Statement statement;
  statement.sql = fmt::format(
      "SELECT repository_id, full_name, created_at, date_diff('day', created_at, observed_at) AS "
      "age_days, {0} AS value, {0}_gain AS gain, {0}_velocity AS velocity, coverage, "
      "license_key, spdx_id, language FROM {1} WHERE {2} AND created_at > {4} - 30 "
      "ORDER BY {0} DESC, repository_id{3}",
      state_.metric,
      trend_.relation,
      Matching(statement),
      Limit(limit),
      DayLiteral());
  return statement;
}

// Every value of the day, also those that the other filters leave nothing of.
Statement TrendsQuery::FacetCounts(const std::string& columns,
                                   Facet facet,
                                   const std::string& key) const {
  Statement statement;
  const std::string matching = Matching(statement, facet);
  statement.sql = fmt::format(
      "SELECT {0} AS key, {1}count(*) FILTER ({2}) AS count FROM {3} WHERE window_days = {4} "
      "GROUP BY 1 ORDER BY count DESC, count(*) DESC, key LIMIT {5}",
      key,
      columns,
      matching,
      trend_.relation,
      statement.Bind(int64_t{state_.window_days}),
      kFacetValues);
  return statement;
}

Statement TrendsQuery::Licenses() const {
  return FacetCounts("any_value(spdx_id) AS spdx_id, any_value(license_name) AS name, ",
                     Facet::kLicense,
                     "coalesce(license_key, 'none')");
}

Statement TrendsQuery::Languages() const {
  return FacetCounts("", Facet::kLanguage, "coalesce(language, 'none')");
}

Statement TrendsQuery::Topics() const {
  Statement statement;
  statement.sql = fmt::format(
      "SELECT topic AS key, count(*) AS count FROM (SELECT unnest(topics) AS topic FROM {} "
      "WHERE {}) GROUP BY topic ORDER BY count DESC, key LIMIT {}",
      trend_.relation,
      Matching(statement, Facet::kTopic),
      kFacetValues);
  return statement;
}

Statement TrendsQuery::Counts() const {
  Statement statement;
  statement.sql = fmt::format(
      "SELECT count(*) AS matching, count(*) FILTER ({0}_velocity IS NULL) AS without_velocity, "
      "count(*) FILTER ({0}_gain IS NOT NULL AND {0}_gain <= 0) AS without_growth FROM {1} WHERE "
      "{2}",
      state_.metric,
      trend_.relation,
      Matching(statement));
  return statement;
}

Statement TrendsQuery::Scatter(int64_t fastest, int64_t others) const {
  Statement statement;
  const std::string chosen =
      fastest == 0 ? "true" : fmt::format("nth <= {} OR pick <= {}", fastest, others);
  statement.sql = fmt::format(
      "SELECT repository_id, full_name, value, gain, percent, license_key FROM (SELECT "
      "repository_id, full_name, {0} AS value, {0}_gain AS gain, "
      "100.0 * {0}_velocity * window_days / nullif({0} - {0}_gain, 0) AS percent, "
      "coalesce(license_key, 'none') AS license_key, row_number() OVER (ORDER BY {0}_gain DESC, "
      "repository_id) AS nth, row_number() OVER (ORDER BY hash(repository_id)) AS pick "
      "FROM {1} WHERE {2} AND {0}_gain > 0) WHERE ({3}) AND percent > 0 ORDER BY nth",
      state_.metric,
      trend_.relation,
      Matching(statement),
      chosen);
  return statement;
}

std::string TrendsQuery::FlowName() const {
  return fmt::format("flow_{}", state_.window_days);
}

// Only what was read on both of a window's days: a flow has no stretched windows.
std::string TrendsQuery::FlowSql() const {
  std::string ends;
  std::string starts;
  for (int step = 0; step < kFlowSteps; ++step) {
    const Day end = trend_.day - std::chrono::days(step * state_.window_days);
    const Day start = end - std::chrono::days(state_.window_days);
    ends += (step == 0 ? "" : ", ") + fmt::format("DATE '{}'", FormatDay(end));
    starts += (step == 0 ? "" : ", ") + fmt::format("DATE '{}'", FormatDay(start));
  }
  return fmt::format(
      "SELECT ((DATE '{0}' - now.day) // {1})::BIGINT AS step, now.day, now.repository_id, "
      "coalesce(now.language, 'none') AS language, now.stars - start.stars AS stars_gain, "
      "now.forks - start.forks AS forks_gain, "
      "rank() OVER (PARTITION BY now.day ORDER BY now.stars - start.stars DESC) AS stars_rank, "
      "rank() OVER (PARTITION BY now.day ORDER BY now.forks - start.forks DESC) AS forks_rank "
      "FROM repository_day AS now JOIN repository_day AS start "
      "ON start.repository_id = now.repository_id AND start.day = now.day - {1} "
      "WHERE now.day IN ({2}) AND start.day IN ({3})",
      FormatDay(trend_.day),
      state_.window_days,
      ends,
      starts);
}

Status TrendsQuery::PrepareFlow() {
  SG_TRY([[maybe_unused]] const SqlRows made,
         lease_.Query(
             fmt::format("CREATE {} TABLE IF NOT EXISTS {} AS {} ORDER BY step, repository_id",
                         trend_.is_newest ? "" : "TEMP",
                         FlowName(),
                         FlowSql())));
  return Ok();
}

Statement TrendsQuery::LanguageFlow() const {
  Statement statement;
  statement.sql = fmt::format(
      "SELECT step, any_value(day) AS day, language, sum(greatest({0}_gain, 0))::BIGINT AS gain "
      "FROM {1} WHERE repository_id IN (SELECT repository_id FROM {2} WHERE {3}) "
      "GROUP BY step, language ORDER BY step, gain DESC, language",
      state_.metric,
      FlowName(),
      trend_.relation,
      Matching(statement));
  return statement;
}

Statement TrendsQuery::RankFlow() const {
  Statement statement;
  const std::string matching = Matching(statement);
  statement.sql = fmt::format(
      "SELECT flow.step, flow.day, flow.repository_id, leader.full_name, flow.{0}_rank AS rank, "
      "flow.{0}_gain AS gain FROM {1} AS flow JOIN (SELECT matching.repository_id, "
      "matching.full_name FROM (SELECT repository_id, full_name FROM {2} WHERE {3}) AS matching "
      "JOIN {1} AS newest ON newest.repository_id = matching.repository_id AND newest.step = 0 "
      "ORDER BY newest.{0}_rank, matching.repository_id LIMIT 10) AS leader "
      "ON leader.repository_id = flow.repository_id WHERE flow.step < {4} "
      "ORDER BY flow.step, rank, flow.repository_id",
      state_.metric,
      FlowName(),
      trend_.relation,
      matching,
      kRankSteps);
  return statement;
}

std::string TrendsQuery::Shown(const Statement& statement) const {
  std::string shown = statement.Shown();
  Replace(shown, trend_.relation, "trend");
  std::string head(kShownTrend);
  if (shown.find(FlowName()) != std::string::npos)
    head += fmt::format(", {} AS (\n  {}\n)", FlowName(), FlowSql());
  const std::string note =
      trend_.is_newest
          ? ""
          : fmt::format("-- trend_repository of {}: marts/trend_repository.sql for that day\n",
                        FormatDay(trend_.day));
  return note + head + "\n" + shown + "\n";
}

Result<SqlRows> TrendsQuery::Readings(const std::vector<int64_t>& repository_ids) {
  return lease_.Readings(trend_, state_.metric, repository_ids);
}

Result<SqlRows> TrendsQuery::DayFacts() {
  SG_ASSERT(lease_.publication().tables.contains("repository_membership"));
  return lease_.QueryOnce(fmt::format(
      "WITH today AS (SELECT * FROM {0} WHERE window_days = {2}), "
      "facts AS (SELECT count(*) AS ranked, min(observed_at) AS observed_from, max(observed_at) AS "
      "observed_to, string_agg(DISTINCT provenance, ', ') AS provenance, "
      "string_agg(DISTINCT request, ', ') AS request FROM today), "
      "follows AS (SELECT DISTINCT repository_id FROM repository_membership WHERE followed_from < "
      "{1} + 1 AND (followed_to IS NULL OR followed_to >= {1} + 1)), "
      "first_seen AS (SELECT repository_id, min(first_seen)::DATE AS day FROM repository_name "
      "GROUP BY repository_id), "
      "days AS (SELECT min(day) AS first_day, count(*) AS days FROM closed_day WHERE day <= {1}) "
      "SELECT ranked, (SELECT count(*) FROM follows) AS tracked, "
      "(SELECT count(*) FROM follows ANTI JOIN today USING (repository_id)) AS no_reading, "
      "(SELECT count(*) FROM first_seen, days WHERE day = {1} AND day > first_day) AS new_today, "
      "(SELECT count(DISTINCT repository_id) FROM repository_membership WHERE followed_from::DATE "
      "> {1} - {2} AND followed_from < {1} + 1 "
      "AND followed_from::DATE > (SELECT first_day FROM days) OR followed_to::DATE > {1} - {2} AND "
      "followed_to < {1} + 1) AS followed_set_changed, "
      "observed_from, observed_to, (SELECT first_day FROM days) AS first_day, "
      "(SELECT days FROM days) AS days, provenance, request FROM facts",
      trend_.relation,
      DayLiteral(),
      state_.window_days));
}

}  // namespace stargaze::serve
