#include "collect/budget.h"

#include <algorithm>
#include <map>

namespace stargaze::collect {
namespace {

// A token's hourly limits at GitHub, core and GraphQL alike, and that of an address without one.
constexpr int64_t kHourlyWithToken = 5'000;
constexpr int64_t kHourlyAnonymous = 60;
// GitHub's secondary limit: 60 s of GraphQL CPU a minute, at about 50 ms for a repository.
constexpr int64_t kNodesPerHour = 60 * 60'000 / 50;

int64_t HourlyOf(const model::Request& request, const BudgetQuestion& question) {
  if (question.tokens == 0) return request.graphql ? 0 : kHourlyAnonymous;
  int64_t hourly = kHourlyWithToken;
  if (request.graphql)
    hourly = std::min(hourly, kNodesPerHour / request.graphql->batch * request.cost);
  return hourly * question.tokens;
}

// Snapshots cannot be had later; a history can, but others wait for its days; details come last.
int TierOf(const model::Dataset& dataset) {
  for (const model::Table& table : dataset.tables) {
    if (table.kind == model::TableKind::kSnapshot) return 0;
  }
  for (const model::Table& table : dataset.tables) {
    if (table.kind == model::TableKind::kReading) return 1;
  }
  return 2;
}

BudgetLine LineOf(const model::Dataset& dataset,
                  const model::Request& request,
                  const BudgetQuestion& question) {
  BudgetLine line{.dataset = dataset.name, .request = request.name, .resource = request.resource};
  const int64_t batch = request.graphql ? request.graphql->batch : 1;
  const int64_t once = (question.repositories + batch - 1) / batch * request.cost;
  const bool is_paged = request.paginate.kind != model::PaginationKind::kNone;
  line.first_fill = is_paged ? once * question.first_fill_pages : once;
  // Later walks of a history take its first page; others may have as many pages as before.
  line.daily_max = is_paged && !request.paginate.then_first_page ? line.first_fill : once;
  return line;
}

}  // namespace

std::vector<BudgetLine> PlanBudget(const model::Catalog& catalog, const BudgetQuestion& question) {
  std::vector<const model::Dataset*> datasets;
  for (const model::Dataset& dataset : catalog.datasets) {
    if (dataset.for_each == model::ForEach::kFollowed) datasets.push_back(&dataset);
  }
  std::ranges::stable_sort(datasets, {}, [](const model::Dataset* one) { return TierOf(*one); });
  std::vector<BudgetLine> lines;
  std::map<std::string, double> filled_h;  // By resource.
  std::map<std::string, double> share;
  for (const model::Dataset* dataset : datasets) {
    for (const model::Request& request : dataset->requests) {
      BudgetLine line = LineOf(*dataset, request, question);
      const auto hourly = static_cast<double>(HourlyOf(request, question));
      const bool possible = hourly > 0;
      filled_h[line.resource] += possible ? static_cast<double>(line.first_fill) / hourly : 0;
      line.first_fill_ends_h = filled_h[line.resource];
      line.daily_share =
          possible ? static_cast<double>(line.daily_max) / (24 * hourly) : 2;  // Never enough.
      line.possible = possible;
      share[line.resource] += line.daily_share;
      lines.push_back(std::move(line));
    }
  }
  for (BudgetLine& line : lines) line.suffices = share[line.resource] <= 1;
  return lines;
}

}  // namespace stargaze::collect
