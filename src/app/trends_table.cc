#include "app/trends_table.h"

#include <fmt/core.h>

namespace stargaze::app {

Status PrintTop10(Session& session, Instance& instance) {
  Result<warehouse::PublishedLease> lease = instance.published->Acquire();
  if (!lease.ok() && lease.error().kind() == ErrorKind::kNotFound) {
    session.err() << "nothing has been published yet\n";
    return Ok();
  }
  if (!lease.ok()) return lease.error();
  Result<warehouse::TrendSource> trend = lease.value().NewestTrend();
  if (!trend.ok() && trend.error().kind() == ErrorKind::kNotFound) {
    session.err() << "no day has been closed yet\n";
    return Ok();
  }
  if (!trend.ok()) return trend.error();
  SG_TRY(const storage::SqlRows rows,
         lease.value().Query(
             "SELECT stars_rank, full_name, stars, stars_gain, license_key, language FROM " +
             trend.value().relation +
             " WHERE window_days = 7 ORDER BY stars DESC, repository_id LIMIT 10"));
  if (session.wants_notes()) {
    session.err() << "Top 10 by stars on " << FormatDay(trend.value().day) << " (UTC)"
                  << (instance.options.identity.sandbox ? ", SANDBOX DATA: simulated repositories"
                                                        : "")
                  << "\n";
  }
  session.Print({.columns = {"rank", "repository", "stars", "gain_7d", "license", "language"},
                 .rows = rows.rows});
  return Ok();
}

}  // namespace stargaze::app
