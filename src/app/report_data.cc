#include <fmt/core.h>

#include "app/report.h"

namespace stargaze::app {
namespace {

constexpr int64_t kTopRows = 10;
constexpr int64_t kLicenses = 8;

}  // namespace

Result<ReportData> ReadReport(warehouse::PublishedLease& lease, const RankingQuery& query) {
  ReportData data{.query = query,
                  .published_at = lease.publication().published_at,
                  .version = lease.publication().version};
  RankingQuery top = query;
  top.by = "total";
  top.limit = kTopRows;
  SG_TRY(data.top, Rank(lease, top));
  SG_TRY(data.risers, Rank(lease, query));
  SG_TRY(const warehouse::TrendSource trend, lease.Trend(query.asof, query.window_days));
  std::vector<int64_t> ids;
  for (std::size_t row = 0; row < data.risers.rows.size(); ++row)
    ids.push_back(data.risers.rows.Integer(row, 1));
  SG_TRY(const storage::SqlRows readings, lease.Readings(trend, query.metric, ids));
  for (std::size_t row = 0; row < readings.size(); ++row)
    data.readings[readings.Integer(row, 0)].push_back(readings.Integer(row, 2));
  SG_TRY(
      const storage::SqlRows licenses,
      lease.Query(
          fmt::format(
              "SELECT coalesce(spdx_id, license_key, 'none'), count(*) AS n FROM {} WHERE {} GROUP "
              "BY ALL ORDER BY n DESC, 1 LIMIT {}",
              trend.relation,
              RankingCondition(),
              kLicenses),
          RankingParameters(query)));
  for (std::size_t row = 0; row < licenses.size(); ++row)
    data.licenses.push_back({.license = licenses.Text(row, 0), .count = licenses.Integer(row, 1)});
  return data;
}

}  // namespace stargaze::app
