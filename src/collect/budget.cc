#include "collect/budget.h"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

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
  const int64_t of_run = is_paged && !request.paginate.then_first_page ? line.first_fill : once;
  const auto begins = question.begins_h.find(dataset.name);
  line.begins_h = begins == question.begins_h.end() ? std::vector<int>{0} : begins->second;
  line.daily_max = of_run * static_cast<int64_t>(line.begins_h.size());
  return line;
}

// A run's share in the work of one resource, waiting for its hours.
struct Work {
  BudgetLine* line = nullptr;
  int begun_h = 0;
  double left = 0;  // Requests.
};

// Three days of the same work, one after the other as it comes: the second is the one that counts,
// since the first finds nobody waiting; the third lets it end.
class Spread {
 public:
  Spread(std::vector<BudgetLine*> lines, std::map<std::string, double> hourly)
      : lines_(std::move(lines)), hourly_(std::move(hourly)) {}

  std::vector<BudgetHour> Run() {
    std::vector<BudgetHour> hours;
    for (int h = 0; h < 3 * kDay; ++h) {
      Begin(h);
      BudgetHour hour = Spend(h);
      if (h / kDay == 1 && hour.share > 0) hours.push_back(std::move(hour));
    }
    for (const Work& work : waiting_) work.line->done_after_h = kDay;
    for (BudgetLine* line : lines_) line->done_after_h = std::min(line->done_after_h, kDay);
    return hours;
  }

 private:
  static constexpr int kDay = 24;

  void Begin(int h) {
    for (BudgetLine* line : lines_) {
      const double of_run =
          static_cast<double>(line->daily_max) / static_cast<double>(line->begins_h.size());
      for (const int begins : line->begins_h) {
        if (begins == h % kDay) waiting_.push_back({line, h, of_run});
      }
    }
  }

  BudgetHour Spend(int h) {
    BudgetHour hour{.hour = h % kDay, .resource = lines_.front()->resource};
    double spent = 0;
    while (!waiting_.empty() && hour.share < 1) {
      Work& next = waiting_.front();
      const double hourly = hourly_.at(next.line->dataset);
      const double taken = std::min(next.left, (1 - hour.share) * hourly);
      spent += taken;
      next.left -= taken;
      hour.share = next.left > 0 ? 1 : hour.share + taken / hourly;
      if (next.left > 0) break;
      next.line->done_after_h = std::max(next.line->done_after_h, h + 1 - next.begun_h);
      waiting_.pop_front();
    }
    hour.requests = static_cast<int64_t>(spent);
    return hour;
  }

  std::vector<BudgetLine*> lines_;
  std::map<std::string, double> hourly_;  // By dataset.
  std::deque<Work> waiting_;
};

}  // namespace

BudgetPlan PlanBudget(const model::Catalog& catalog, const BudgetQuestion& question) {
  std::vector<const model::Dataset*> datasets;
  for (const model::Dataset& dataset : catalog.datasets) {
    if (dataset.for_each == model::ForEach::kFollowed) datasets.push_back(&dataset);
  }
  std::ranges::stable_sort(datasets, {}, [](const model::Dataset* one) { return TierOf(*one); });
  BudgetPlan plan;
  std::map<std::string, double> filled_h;  // By resource.
  std::map<std::string, double> share;
  std::map<std::string, double> hourly_of;  // By dataset.
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
      hourly_of[line.dataset] = hourly;
      plan.lines.push_back(std::move(line));
    }
  }
  std::map<std::string, std::vector<BudgetLine*>> by_resource;
  for (BudgetLine& line : plan.lines) {
    line.suffices = share[line.resource] <= 1;
    if (line.possible && !line.begins_h.empty()) by_resource[line.resource].push_back(&line);
  }
  for (auto& [resource, lines] : by_resource) {
    const std::vector<BudgetHour> hours = Spread(std::move(lines), hourly_of).Run();
    plan.hours.insert(plan.hours.end(), hours.begin(), hours.end());
  }
  return plan;
}

}  // namespace stargaze::collect
