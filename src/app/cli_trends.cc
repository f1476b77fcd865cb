// What is rising, on the terminal: the Trends page's ranking from the published Parquet files.

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/command_tree.h"
#include "app/commands.h"
#include "app/ranking.h"

namespace stargaze::app {
namespace {

struct TrendsOptions {
  RankingQuery query{};
  std::string window = "7d";
  std::string licenses{};
  std::string asof{};
};

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

Status Trends(Session& session, const TrendsOptions& options) {
  RankingQuery query = options.query;
  SG_TRY(query.window_days, ParseWindow(options.window));
  SG_TRY(query.asof, ParseAsof(options.asof));
  query.licenses = SplitWords(options.licenses);
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  SG_TRY(const std::unique_ptr<warehouse::PublishedReader> published, OpenPublished(*settings));
  SG_TRY(warehouse::PublishedLease lease, AcquirePublished(*published, session.environment().stop));
  SG_TRY(const Ranking ranking, Rank(lease, query));
  if (session.wants_notes()) PrintNotes(session, query, ranking);
  session.Print(TableOf(ranking));
  return Ok();
}

}  // namespace

void AddRankingFlags(CLI::App& command, RankingQuery& query) {
  command.add_option("--metric", query.metric, "What is counted")
      ->type_name("METRIC")
      ->check(OneOf({"stars", "forks"}))
      ->capture_default_str();
  command.add_option("--search", query.text, "Only names that contain this")->type_name("TEXT");
  command.add_option("--lang", query.language, "Only this language, as in Rust")->type_name("NAME");
}

void AddTrendsCommand(CLI::App& app, Session& session) {
  auto options = std::make_shared<TrendsOptions>();
  CLI::App* trends = app.add_subcommand("trends", "What is rising: the ranking of a day");
  AddRankingFlags(*trends, options->query);
  trends->add_option("--by", options->query.by, "Rank by")
      ->type_name("ORDER")
      ->check(OneOf({"velocity", "acceleration", "gain", "total"}))
      ->capture_default_str();
  trends->add_option("--window", options->window, "Days that a gain is taken over")
      ->type_name("WINDOW")
      ->check(OneOf({"1d", "7d", "28d", "90d"}))
      ->capture_default_str();
  trends
      ->add_option("--license",
                   options->licenses,
                   "Only these licences: SPDX ids or keys; none: without one")
      ->type_name("LIST");
  trends
      ->add_option("--asof", options->asof, "As it was on this day, or the last closed one before")
      ->type_name("DATE");
  trends->add_option("--limit", options->query.limit, "Rows at most; 0: all")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
  trends->callback([&session, options] {
    session.action = [options](Session& s) { return Trends(s, *options); };
  });
}

}  // namespace stargaze::app
