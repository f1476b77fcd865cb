#include "app/ranking.h"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <utility>

#include "app/embedded_text.h"
#include "base/suggest.h"
#include "net/url.h"
#include "serve/statement.h"

namespace stargaze::app {
namespace {

using storage::SqlRows;
using storage::SqlValue;

constexpr std::size_t kWordsMax = 50;

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

// $1 window, $2 text, $3 licences joined by commas, $4 language.
constexpr std::string_view kMatching =
    "window_days = $1 AND ($2 = '' OR contains(lower(full_name), lower($2))) "
    "AND ($3 = '' OR list_has_any(string_split(lower($3), ','), "
    "[lower(coalesce(license_key, 'none')), lower(coalesce(spdx_id, 'none'))])) "
    "AND ($4 = '' OR lower(language) = lower($4))";

// A word of a flag to a column: nothing of a flag becomes SQL.
std::string OrderColumn(const RankingQuery& query) {
  return query.by == "total" ? query.metric : query.metric + "_" + query.by;
}

// What `column` holds that day, for a word that nothing has.
Status CheckKnown(warehouse::PublishedLease& lease,
                  const std::string& relation,
                  const std::string& column,
                  const std::string& flag,
                  const std::string& word) {
  SG_TRY(const SqlRows rows,
         lease.Query(fmt::format(
             "SELECT DISTINCT {0} FROM {1} WHERE {0} IS NOT NULL ORDER BY 1", column, relation)));
  std::vector<std::string> known;
  for (std::size_t row = 0; row < rows.size(); ++row) known.push_back(rows.Text(row, 0));
  const auto lower = [](std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
      return static_cast<char>(std::tolower(c));
    });
    return text;
  };
  for (std::string& value : known) {
    value = lower(value);
    if (value == lower(word)) return Ok();
  }
  return Error(ErrorKind::kNotFound,
               fmt::format("{}: no repository of that day has '{}'{}",
                           flag,
                           word,
                           DidYouMean(lower(word), known)))
      .Remedy("without the flag, stargaze trends shows what there is");
}

Status CheckFilters(warehouse::PublishedLease& lease,
                    const std::string& relation,
                    const RankingQuery& query) {
  if (query.licenses.size() > kWordsMax)
    return Error(ErrorKind::kInvalidInput, fmt::format("more than {} licences", kWordsMax));
  for (const std::string& license : query.licenses) {
    if (license == "none") continue;
    const bool is_key = CheckKnown(lease, relation, "license_key", "--license", license).ok();
    if (!is_key) SG_RETURN_IF_ERROR(CheckKnown(lease, relation, "spdx_id", "--license", license));
  }
  if (query.language.empty()) return Ok();
  return CheckKnown(lease, relation, "language", "--language", query.language);
}

std::string RankingSql(const RankingQuery& query, const std::string& relation) {
  return fmt::format(
      "SELECT row_number() OVER (ORDER BY {1} DESC NULLS LAST, {0} DESC, repository_id) "
      "AS rank, repository_id, full_name AS repository, stars, forks, {0}_gain AS gain, "
      "round({0}_velocity, 3) AS velocity, round({0}_acceleration, 3) AS acceleration, "
      "round({0}_acceleration_margin, 3) AS acceleration_margin, coverage, "
      "coalesce(spdx_id, license_key) AS license, language, observed_at "
      "FROM {2} WHERE {3} ORDER BY rank{4}",
      query.metric,
      OrderColumn(query),
      relation,
      kMatching,
      query.limit == 0 ? std::string() : fmt::format(" LIMIT {}", query.limit));
}

}  // namespace

std::string_view RankingCondition() {
  return kMatching;
}

std::vector<SqlValue> RankingParameters(const RankingQuery& query) {
  return {query.window_days, query.text, Joined(query.licenses), query.language};
}

Result<Ranking> Rank(warehouse::PublishedLease& lease, const RankingQuery& query) {
  Result<warehouse::TrendSource> found = lease.Trend(query.asof, query.window_days);
  if (!found.ok() && found.error().kind() == ErrorKind::kNotFound)
    return Error(ErrorKind::kNotFound, found.error().message())
        .Remedy(
            "a day is closed when the first reading of the next one is loaded; stargaze sql "
            "\"FROM closed_day\" lists them");
  SG_TRY(const warehouse::TrendSource trend, std::move(found));
  SG_RETURN_IF_ERROR(CheckFilters(lease, trend.relation, query));
  SG_TRY(SqlRows rows, lease.Query(RankingSql(query, trend.relation), RankingParameters(query)));
  SG_TRY(const SqlRows counts,
         lease.Query(fmt::format("SELECT count(*), count(*) FILTER ({}_velocity IS NULL) FROM {} "
                                 "WHERE {}",
                                 query.metric,
                                 trend.relation,
                                 kMatching),
                     RankingParameters(query)));
  return Ranking{.day = trend.day,
                 .is_newest = trend.is_newest,
                 .sandbox = lease.publication().sandbox,
                 .matching = counts.Integer(0, 0),
                 .without_reading = counts.Integer(0, 1),
                 .rows = std::move(rows)};
}

std::string ExplainRanking(const RankingQuery& query, const Ranking& ranking) {
  serve::Statement statement;
  statement.sql = RankingSql(query, "trend");
  for (SqlValue& value : RankingParameters(query)) statement.Bind(std::move(value));
  const std::string where = ranking.is_newest
                                ? ""
                                : fmt::format(
                                      "-- trend_repository holds the newest day; that of {} is "
                                      "marts/trend_repository.sql for it\n",
                                      FormatDay(ranking.day));
  return fmt::format(
      "-- {} by {} over {} d, {} (UTC); the same from a server: GET "
      "/api/v1/pages/trends/risers.json{}\n{}"
      "WITH trend AS (SELECT t.*, l.spdx_id FROM trend_repository AS t LEFT JOIN license AS l "
      "USING (license_key))\n{}\n",
      query.metric,
      query.by,
      query.window_days,
      FormatDay(ranking.day),
      PageQuery(query),
      where,
      statement.Shown());
}

std::string PageQuery(const RankingQuery& query) {
  std::vector<std::string> parts{"m=" + query.metric, fmt::format("w={}d", query.window_days)};
  const auto add = [&](const char* key, const std::string& value) {
    if (!value.empty()) parts.push_back(fmt::format("{}={}", key, net::PercentEncode(value)));
  };
  std::string licenses = Joined(query.licenses);
  std::transform(licenses.begin(), licenses.end(), licenses.begin(), [](unsigned char c) {
    return static_cast<char>(std::tolower(c));
  });
  add("lic", licenses);
  add("lang", query.language);
  add("q", query.text);
  if (query.by == "acceleration") add("rise", "accel");
  if (query.asof) add("asof", FormatDay(*query.asof));
  return fmt::format("?{}", fmt::join(parts, "&"));
}

Result<std::unique_ptr<warehouse::PublishedReader>> OpenPublished(const std::string& home) {
  return warehouse::PublishedReader::Open(home + "/published",
                                          EmbeddedText("marts/trend_repository.sql"));
}

Result<warehouse::PublishedLease> AcquirePublished(warehouse::PublishedReader& published,
                                                   const std::stop_token& stop) {
  Result<warehouse::PublishedLease> lease = published.Acquire(stop);
  if (lease.ok() || lease.error().kind() != ErrorKind::kNotFound) return lease;
  return Error(ErrorKind::kNotFound, lease.error().message())
      .Remedy(
          "collect first: stargaze dag run github_repo; or look at another data folder with "
          "--home");
}

}  // namespace stargaze::app
