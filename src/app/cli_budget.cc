#include <fmt/core.h>

#include <map>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/scheduling.h"
#include "collect/budget.h"
#include "lake/cover.h"
#include "lake/manifest_codec.h"

namespace stargaze::app {
namespace {

struct PlanOptions {
  std::vector<int64_t> repositories{};
  int64_t tokens = -1;
  int64_t first_fill_pages = 10;
  bool by_hour = false;
};

std::string Hours(double hours) {
  return hours < 48 ? fmt::format("{:.1f} h", hours) : fmt::format("{:.1f} days", hours / 24);
}

// When the runs of each dataset begin today.
std::map<std::string, std::vector<int>> BeginsOf(const Instance& instance) {
  constexpr std::size_t kRunsMax = std::size_t{24} * 60;
  const Day today = DayOf(instance.clock.Now());
  std::map<std::string, std::vector<int>> begins;
  for (const model::Dataset& dataset : instance.declarations.catalog.datasets) {
    std::vector<int>& hours = begins[dataset.name];
    for (model::Dag dag : instance.declarations.dags) {
      if (dag.dag_id != dataset.dag) continue;
      dag.start_date.reset();
      for (const orchestrate::DueRun& due :
           RunsBetween(dag, Instant(today), Instant(today + std::chrono::days(1)), kRunsMax)) {
        const auto begins_at = (due.data_end - Instant(today)) % std::chrono::days(1);
        hours.push_back(static_cast<int>(begins_at / std::chrono::hours(1)));
      }
    }
  }
  return begins;
}

std::string HoursOfDay(const std::vector<int>& hours) {
  std::string text;
  for (const int hour : hours) text += fmt::format("{}{:02}h", text.empty() ? "" : ", ", hour);
  return text;
}

TableOutput LinesTable() {
  return {.columns = {"repositories",
                      "dataset",
                      "resource",
                      "first_fill",
                      "filled_after",
                      "a_day_at_most",
                      "begins",
                      "done_within",
                      "share_of_day",
                      "tokens",
                      "enough"}};
}

void AddLine(int64_t size, int64_t tokens, const collect::BudgetLine& line, TableOutput& table) {
  const bool ends = line.possible && line.done_after_h < 24;
  table.rows.push_back({size,
                        line.dataset,
                        line.resource,
                        line.first_fill,
                        line.possible ? Hours(line.first_fill_ends_h) : "never",
                        line.daily_max,
                        HoursOfDay(line.begins_h),
                        ends ? fmt::format("{} h", line.done_after_h) : "never",
                        line.possible ? fmt::format("{:.1f} %", line.daily_share * 100) : "",
                        tokens,
                        std::string(line.suffices ? "yes" : "no")});
}

Status ShowPlan(Session& session, const PlanOptions& options) {
  SG_TRY(Instance * instance, session.OpenStores());
  std::vector<int64_t> sizes = options.repositories;
  if (sizes.empty()) {
    SG_TRY(const registry::FollowedPage page, instance->registry->List({.limit = 1}));
    sizes = {page.total, 500, 5'000, 50'000};
  }
  const int64_t tokens =
      options.tokens >= 0 ? options.tokens : static_cast<int64_t>(instance->credentials->size());
  TableOutput table = LinesTable();
  if (options.by_hour)
    table.columns = {"repositories", "resource", "hour", "requests", "share_of_hour"};
  bool suffices = true;
  for (const int64_t size : sizes) {
    const collect::BudgetPlan plan =
        collect::PlanBudget(instance->declarations.catalog,
                            {.repositories = size,
                             .tokens = tokens,
                             .first_fill_pages = options.first_fill_pages,
                             .begins_h = BeginsOf(*instance)});
    for (const collect::BudgetLine& line : plan.lines) {
      suffices = suffices && line.suffices;
      if (!options.by_hour) AddLine(size, tokens, line, table);
    }
    for (const collect::BudgetHour& hour : plan.hours) {
      if (options.by_hour)
        table.rows.push_back({size,
                              hour.resource,
                              fmt::format("{:02}:00", hour.hour),
                              hour.requests,
                              fmt::format("{:.0f} %", hour.share * 100)});
    }
  }
  session.Print(table);
  session.err() << instance->credentials->Summary() << "\n";
  if (!options.repositories.empty() && !suffices) session.exit_code = kBudgetCode;
  return Ok();
}

struct Spent {
  model::RequestCounts requests{};
  std::map<model::SubjectState, int64_t> subjects{};
};

Result<Spent> SpentOn(Instance& instance, const std::string& dataset, Instant since) {
  Spent spent;
  SG_TRY(const lake::Cover cover, lake::ListCover(*instance.lake, model::Layer::kRaw, dataset));
  for (const std::string& key : cover.keys) {
    SG_TRY(const model::Manifest manifest, lake::ReadManifest(*instance.lake, key));
    for (const lake::PublishedManifest& attempt : lake::AttemptsOf(key, manifest)) {
      if (attempt.manifest.ended_at < since) continue;
      spent.requests.sent += attempt.manifest.requests.sent;
      spent.requests.charged += attempt.manifest.requests.charged;
      spent.requests.retried += attempt.manifest.requests.retried;
      for (const model::SubjectOutcome& subject : attempt.manifest.subjects)
        ++spent.subjects[subject.state];
    }
  }
  return spent;
}

// What published attempts say; one that ended without a manifest is not counted.
Status ShowSpent(Session& session, int64_t days) {
  SG_TRY(Instance * instance, session.OpenStores());
  const Instant since = instance->clock.Now() - std::chrono::days(days);
  TableOutput table{
      .columns = {
          "dataset", "sent", "charged", "retried", "changed", "unchanged", "failed", "gone"}};
  for (const model::Dataset& dataset : instance->declarations.catalog.datasets) {
    if (dataset.requests.empty()) continue;
    SG_TRY(Spent spent, SpentOn(*instance, dataset.name, since));
    table.rows.push_back({dataset.name,
                          spent.requests.sent,
                          spent.requests.charged,
                          spent.requests.retried,
                          spent.subjects[model::SubjectState::kChanged],
                          spent.subjects[model::SubjectState::kUnchanged],
                          spent.subjects[model::SubjectState::kFailed],
                          spent.subjects[model::SubjectState::kGone]});
  }
  session.Print(table);
  return Ok();
}

}  // namespace

void AddBudgetCommands(CLI::App& app, Session& session) {
  CLI::App* budget = app.add_subcommand("budget", "Requests: what collecting will cost, and has");
  budget->require_subcommand(1);
  auto options = std::make_shared<PlanOptions>();
  CLI::App* plan = budget->add_subcommand(
      "plan", "Requests and points a day, whether the tokens suffice, when a first fill ends");
  plan->add_option("--repositories",
                   options->repositories,
                   "For so many: exit code 5 when the tokens do not suffice; otherwise for those "
                   "followed, and for 500, 5,000 and 50,000")
      ->check(CLI::Range(int64_t{0}, int64_t{100'000'000}));
  plan->add_option("--tokens", options->tokens, "With so many; otherwise those that are set")
      ->check(CLI::Range(0, 10'000));
  plan->add_option("--first-fill-pages",
                   options->first_fill_pages,
                   "Pages of an average repository where the first walk takes all")
      ->capture_default_str()
      ->check(CLI::Range(1, 1'000));
  plan->add_flag("--by-hour",
                 options->by_hour,
                 "The hours (UTC) over which a day's work is spread, when everything has changed");
  plan->callback([&session, options] {
    session.needs_instance = true;
    session.action = [options](Session& s) { return ShowPlan(s, *options); };
  });
  auto days = std::make_shared<int64_t>(1);
  CLI::App* show = budget->add_subcommand("show", "What published attempts have sent and charged");
  show->add_option("--days", *days, "Back from now")
      ->capture_default_str()
      ->check(CLI::Range(1, 3650));
  show->callback([&session, days] {
    session.needs_instance = true;
    session.action = [days](Session& s) { return ShowSpent(s, *days); };
  });
}

}  // namespace stargaze::app
