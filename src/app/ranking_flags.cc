#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "app/comma_list.h"
#include "app/command_tree.h"
#include "app/ranking.h"

namespace stargaze::app {
namespace {

Result<int64_t> ParseWindow(const std::string& text) {
  for (const int64_t days : {1, 7, 28, 90}) {
    if (text == fmt::format("{}d", days)) return days;
  }
  return Error(ErrorKind::kInvalidInput, "no window of a ranking: '" + text + "'")
      .Remedy("one of 1d, 7d, 28d, 90d");
}

Result<std::optional<Day>> ParseAsof(const std::string& text) {
  if (text.empty()) return std::optional<Day>();
  if (const std::optional<Day> day = ParseDay(text)) return day;
  return Error(ErrorKind::kInvalidInput, "not a day: '" + text + "'")
      .Remedy("write --asof like 2026-01-31");
}

}  // namespace

Result<RankingQuery> RankingFlags::Read() const {
  RankingQuery read = query;
  SG_TRY(read.window_days, ParseWindow(window));
  SG_TRY(read.asof, ParseAsof(asof));
  read.licenses = CommaList(licenses);
  return read;
}

void AddRankingFlags(CLI::App& command, RankingFlags& flags) {
  RankingQuery& query = flags.query;
  command.add_option("--metric", query.metric, "What is counted")
      ->type_name("METRIC")
      ->check(OneOf({"stars", "forks"}))
      ->capture_default_str();
  command.add_option("--by", query.by, "Rank by")
      ->type_name("ORDER")
      ->check(OneOf({"velocity", "acceleration", "gain", "total"}))
      ->capture_default_str();
  command.add_option("--window", flags.window, "Days that a gain is taken over")
      ->type_name("WINDOW")
      ->check(OneOf({"1d", "7d", "28d", "90d"}))
      ->capture_default_str();
  command
      .add_option(
          "--license", flags.licenses, "Only these licences, SPDX ids or keys; none: without one")
      ->type_name("LIST");
  command.add_option("--language", query.language, "Only this language, as in Rust")
      ->type_name("NAME");
  command.add_option("--search", query.text, "Only names that contain this")->type_name("TEXT");
  command.add_option("--asof", flags.asof, "As it was on this day, or the last closed one before")
      ->type_name("DATE");
  command.add_option("--limit", query.limit, "Rows at most; 0: all")
      ->type_name("N")
      ->check(CLI::Range(0, 1'000'000))
      ->capture_default_str();
}

}  // namespace stargaze::app
