// What is rising, on the terminal: the Trends page's ranking from the published Parquet files.

#include <fmt/core.h>

#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
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

Status Trends(Session& session, const RankingFlags& flags) {
  SG_TRY(const RankingQuery query, flags.Read());
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  SG_TRY(const std::unique_ptr<warehouse::PublishedReader> published, OpenPublished(*settings));
  SG_TRY(warehouse::PublishedLease lease, AcquirePublished(*published, session.environment().stop));
  SG_TRY(const Ranking ranking, Rank(lease, query));
  if (session.wants_notes()) PrintNotes(session, query, ranking);
  session.Print(TableOf(ranking));
  return Ok();
}

}  // namespace

void AddTrendsCommand(CLI::App& app, Session& session) {
  auto flags = std::make_shared<RankingFlags>();
  CLI::App* trends = app.add_subcommand("trends", "What is rising: the ranking of a day");
  AddRankingFlags(*trends, *flags);
  trends->callback(
      [&session, flags] { session.action = [flags](Session& s) { return Trends(s, *flags); }; });
}

}  // namespace stargaze::app
