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

TEST(Budget, OfTheShippedDeclarations) {
  const model::Catalog catalog = config::LoadCatalog(EmbeddedFiles(), {}).value();
  // dataset, first fill, a day at most, hours until filled, share of the day, does it suffice
  const std::vector<Row> rows{
      {500,
       1,
       "github/repository_snapshot 5 5 0.0 0.00 1\n"
       "github/star_history 5000 500 1.0 0.00 1\n"
       "github/release 5000 5000 2.0 0.04 1\n"},
      {50'000,
       1,
       "github/repository_snapshot 500 500 0.7 0.03 1\n"
       "github/star_history 500000 50000 100.0 0.42 0\n"
       "github/release 500000 500000 200.0 4.17 0\n"},
      {50'000,
       10,
       "github/repository_snapshot 500 500 0.1 0.00 1\n"
       "github/star_history 500000 50000 10.0 0.04 1\n"
       "github/release 500000 500000 20.0 0.42 1\n"},
      {100,
       0,
       "github/repository_snapshot 1 1 0.0 2.00 0\n"
       "github/star_history 1000 100 16.7 0.07 1\n"
       "github/release 1000 1000 33.3 0.69 1\n"},
  };
  for (const Row& row : rows) {
    std::string found;
    for (const BudgetLine& line : PlanBudget(
             catalog,
             {.repositories = row.repositories, .tokens = row.tokens, .first_fill_pages = 10}))
      found += fmt::format("{} {} {} {:.1f} {:.2f} {}\n",
                           line.dataset,
                           line.first_fill,
                           line.daily_max,
                           line.first_fill_ends_h,
                           line.daily_share,
                           line.suffices ? 1 : 0);
    EXPECT_EQ(found, row.expected) << row.repositories << " with " << row.tokens << " tokens";
  }
}

}  // namespace
}  // namespace stargaze::collect
