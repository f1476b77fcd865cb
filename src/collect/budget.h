// What collecting costs, from the declarations: before it is begun.

#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "model/dataset.h"

namespace stargaze::collect {

struct BudgetQuestion {
  int64_t repositories = 0;
  int64_t tokens = 1;            // 0: anonymous.
  int64_t first_fill_pages = 1;  // Of a repository, where the first walk takes every page.
  // By dataset: the hours of the UTC day in which its runs begin; a dataset that is not there has
  // one run, at midnight.
  std::map<std::string, std::vector<int>> begins_h{};
};

// One request of a dataset that is asked for each followed repository.
struct BudgetLine {
  std::string dataset{};
  std::string request{};
  std::string resource{};
  int64_t first_fill = 0;       // Requests or points, once.
  int64_t daily_max = 0;        // By all runs of a day, when everything has changed: a 304 costs
                                // nothing.
  std::vector<int> begins_h{};  // When its runs begin.
  int done_after_h = 0;         // The slowest of them, when everything has changed and every day is
                                // like that; a day or more: the tokens do not suffice.
  double first_fill_ends_h = 0;  // After the beginning: snapshots come first, then histories, …
  double daily_share = 0;        // Of what the tokens are given in a day; above 1: not enough.
  bool possible = true;          // False: the source does not answer this without a token.
  bool suffices = true;          // With all that shares the resource.
};

// One hour of a day on which everything has changed, after a day like that.
struct BudgetHour {
  int hour = 0;  // UTC
  std::string resource{};
  double share = 0;      // Of what the tokens are given in an hour.
  int64_t requests = 0;  // Or points.
};

struct BudgetPlan {
  // In the order of the first fill: what a day without it would lose, then a source's history, then
  // details.
  std::vector<BudgetLine> lines{};
  // The day's work, spread by the hourly limits over the hours from when it begins; those with
  // nothing to do are left out. By resource, then hour.
  std::vector<BudgetHour> hours{};
};

BudgetPlan PlanBudget(const model::Catalog& catalog, const BudgetQuestion& question);

}  // namespace stargaze::collect
