// What is rising, on the terminal: the Trends page's ranking from the published Parquet files.

#include <fmt/core.h>

#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/dashboard.h"
#include "app/ranking.h"

namespace stargaze::app {
namespace {

TableOutput TableOf(const Ranking& ranking) {
  TableOutput table{.rows = ranking.rows.rows,
                    .more = {"repository_id", "acceleration_margin", "coverage", "observed_at"}};
  for (const storage::SqlColumn& column : ranking.rows.columns)
    table.columns.push_back(column.name);
  return table;
}

void PrintNotes(Session& session, const RankingQuery& query, const Ranking& ranking) {
  session.err() << fmt::format("{} by {} over {} d on {} (UTC), {} of {} repositories{}\n",
                               query.metric,
                               query.by,
                               query.window_days,
                               FormatDay(ranking.day),
                               ranking.rows.size(),
                               ranking.matching,
                               ranking.sandbox ? ", SANDBOX DATA: simulated repositories" : "");
  if (ranking.without_reading > 0) {
    session.err() << fmt::format(
        "{} have no reading that is old enough for {} d: they have no velocity yet\n",
        ranking.without_reading,
        query.window_days);
  }
}

struct TrendsFlags {
  RankingFlags ranking{};
  bool explain = false;
  bool web = false;
};

Status Trends(Session& session, const TrendsFlags& flags) {
  SG_TRY(const RankingQuery query, flags.ranking.Read());
  if (flags.web) return ShowPage(session, PageQuery(query));
  SG_TRY(const std::string home, session.Home());
  SG_TRY(const std::unique_ptr<warehouse::PublishedReader> published, OpenPublished(home));
  SG_TRY(warehouse::PublishedLease lease, AcquirePublished(*published, session.environment().stop));
  SG_TRY(const Ranking ranking, Rank(lease, query));
  if (flags.explain) {
    session.PrintText(ExplainRanking(query, ranking));
    return Ok();
  }
  if (session.wants_notes()) PrintNotes(session, query, ranking);
  session.Print(TableOf(ranking));
  return Ok();
}

}  // namespace

void AddTrendsCommand(CLI::App& app, Session& session) {
  auto flags = std::make_shared<TrendsFlags>();
  CLI::App* trends = app.add_subcommand("trends", "What is rising: the ranking of a day");
  AddRankingFlags(*trends, flags->ranking);
  CLI::Option* explain =
      trends->add_flag("--explain", flags->explain, "Print the SQL and the API's address instead");
  trends->add_flag("--web", flags->web, "Show it on the running dashboard instead")
      ->excludes(explain);
  trends->callback([&session, flags] {
    session.reach = flags->web ? Reach::kHeeded : Reach::kServer;
    session.action = [flags](Session& s) { return Trends(s, *flags); };
  });
}

}  // namespace stargaze::app
