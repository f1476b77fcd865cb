// What collecting costs, from the declarations: before it is begun.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/dataset.h"

namespace stargaze::collect {

struct BudgetQuestion {
  int64_t repositories = 0;
  int64_t tokens = 1;            // 0: anonymous.
  int64_t first_fill_pages = 1;  // Of a repository, where the first walk takes every page.
};

// One request of a dataset that is asked for each followed repository.
struct BudgetLine {
  std::string dataset{};
  std::string request{};
  std::string resource{};
  int64_t first_fill = 0;        // Requests or points, once.
  int64_t daily_max = 0;         // A day, when everything has changed: a 304 costs nothing.
  double first_fill_ends_h = 0;  // After the beginning: snapshots come first, then histories, …
  double daily_share = 0;        // Of what the tokens are given in a day; above 1: not enough.
  bool possible = true;          // False: the source does not answer this without a token.
  bool suffices = true;          // With all that shares the resource.
};

// In the order of the first fill: what a day without it would lose, then a source's history, then
// details.
std::vector<BudgetLine> PlanBudget(const model::Catalog& catalog, const BudgetQuestion& question);

}  // namespace stargaze::collect
