#include "collect/budget.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include "base/embedded_files.h"
#include "config/catalog.h"

namespace stargaze::collect {
namespace {

struct Row {
  int64_t repositories;
  int64_t tokens;
  std::string expected;
};

// As the shipped pipelines begin.
const std::map<std::string, std::vector<int>> kBegins{{"github/repository_snapshot", {12}},
                                                      {"github/star_history", {13}},
                                                      {"github/release", {0, 12}}};

TEST(Budget, OfTheShippedDeclarations) {
  const model::Catalog catalog = config::LoadCatalog(EmbeddedFiles(), {}).value();
  // dataset, first fill, a day at most, hours until filled, share of the day, does it suffice,
  // hours until a run is done
  const std::vector<Row> rows{
      {500,
       1,
       "github/repository_snapshot 20 20 0.0 0.00 1 1\n"
       "github/star_history 5000 500 1.0 0.00 1 1\n"
       "github/release 5000 10000 2.0 0.08 1 1\n"},
      {50'000,
       1,
       "github/repository_snapshot 2000 2000 0.7 0.03 1 1\n"
       "github/star_history 500000 50000 100.0 0.42 0 24\n"
       "github/release 500000 1000000 200.0 8.33 0 24\n"},
      {50'000,
       10,
       "github/repository_snapshot 2000 2000 0.1 0.00 1 1\n"
       "github/star_history 500000 50000 10.0 0.04 1 10\n"
       "github/release 500000 1000000 20.0 0.83 1 10\n"},
      {100,
       0,
       "github/repository_snapshot 4 4 0.0 2.00 0 0\n"
       "github/star_history 1000 100 16.7 0.07 0 24\n"
       "github/release 1000 2000 33.3 1.39 0 24\n"},
  };
  for (const Row& row : rows) {
    std::string found;
    for (const BudgetLine& line : PlanBudget(catalog,
                                             {.repositories = row.repositories,
                                             .tokens = row.tokens,
                                             .first_fill_pages = 10,
                                             .begins_h = kBegins})
                                      .lines)
      found += fmt::format("{} {} {} {:.1f} {:.2f} {} {}\n",
                           line.dataset,
                           line.first_fill,
                           line.daily_max,
                           line.first_fill_ends_h,
                           line.daily_share,
                           line.suffices ? 1 : 0,
                           line.done_after_h);
    EXPECT_EQ(found, row.expected) << row.repositories << " with " << row.tokens << " tokens";
  }
}

TEST(Budget, SpreadsADaysWorkOverItsHours) {
  const model::Catalog catalog = config::LoadCatalog(EmbeddedFiles(), {}).value();
  const BudgetPlan plan = PlanBudget(
      catalog, {.repositories = 6'000, .tokens = 1, .first_fill_pages = 1, .begins_h = kBegins});
  std::string found;
  for (const BudgetHour& hour : plan.hours)
    found +=
        fmt::format("{} {:02} {} {:.2f}\n", hour.resource, hour.hour, hour.requests, hour.share);
  EXPECT_EQ(found,
            "core 00 5000 1.00\n"
            "core 01 1000 0.20\n"
            "core 12 5000 1.00\n"
            "core 13 5000 1.00\n"
            "core 14 2000 0.40\n"
            "graphql 12 240 0.08\n");
}

}  // namespace
}  // namespace stargaze::collect
