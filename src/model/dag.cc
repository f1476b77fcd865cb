#include "model/dag.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <functional>
#include <queue>
#include <unordered_map>
#include <utility>

namespace stargaze::model {
namespace {

template <typename Enum, std::size_t kCount>
using Names = std::array<std::pair<Enum, std::string_view>, kCount>;

constexpr Names<TriggerRule, 12> kTriggerRules{
    {{TriggerRule::kAllSuccess, "all_success"},
     {TriggerRule::kAllFailed, "all_failed"},
     {TriggerRule::kAllDone, "all_done"},
     {TriggerRule::kAllDoneMinOneSuccess, "all_done_min_one_success"},
     {TriggerRule::kAllSkipped, "all_skipped"},
     {TriggerRule::kOneSuccess, "one_success"},
     {TriggerRule::kOneFailed, "one_failed"},
     {TriggerRule::kOneDone, "one_done"},
     {TriggerRule::kNoneFailed, "none_failed"},
     {TriggerRule::kNoneFailedMinOneSuccess, "none_failed_min_one_success"},
     {TriggerRule::kNoneSkipped, "none_skipped"},
     {TriggerRule::kAlways, "always"}}};
constexpr Names<WeightRule, 3> kWeightRules{{{WeightRule::kDownstream, "downstream"},
                                             {WeightRule::kUpstream, "upstream"},
                                             {WeightRule::kAbsolute, "absolute"}}};
constexpr Names<TimeSemantics, 2> kTimeSemantics{
    {{TimeSemantics::kInterval, "interval"}, {TimeSemantics::kTrigger, "trigger"}}};

template <typename Enum, std::size_t kCount>
std::string_view NameIn(const Names<Enum, kCount>& names, Enum value) {
  for (const auto& [known, name] : names) {
    if (known == value) return name;
  }
  SG_ASSERT(false);
  return {};
}

template <typename Enum, std::size_t kCount>
std::optional<Enum> ParseIn(const Names<Enum, kCount>& names, std::string_view text) {
  for (const auto& [known, name] : names) {
    if (name == text) return known;
  }
  return std::nullopt;
}

using Index = std::unordered_map<std::string_view, std::size_t>;

Result<Index> IndexOf(const Dag& dag) {
  Index index;
  for (std::size_t i = 0; i < dag.tasks.size(); ++i) {
    if (index.emplace(dag.tasks[i].id, i).second) continue;
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("two tasks have one id: dag={} task={}", dag.dag_id, dag.tasks[i].id));
  }
  for (const DagTask& task : dag.tasks) {
    for (const std::string& id : task.after) {
      if (index.contains(id)) continue;
      return Error(
          ErrorKind::kInvalidInput,
          fmt::format(
              "task waits for an unknown task: dag={} task={} after={}", dag.dag_id, task.id, id));
    }
  }
  return index;
}

// Follows what waits until it meets a task again: what lies between is the circle.
Error Circle(const Dag& dag, const Index& index, const std::vector<std::size_t>& waits_for) {
  const auto waits = [&](std::size_t task) { return waits_for[task] > 0; };
  std::size_t at = 0;
  while (!waits(at)) ++at;
  std::vector<std::size_t> way;
  std::vector<bool> met(dag.tasks.size());
  while (!met[at]) {
    met[at] = true;
    way.push_back(at);
    const std::vector<std::string>& after = dag.tasks[at].after;
    at = index.at(*std::find_if(
        after.begin(), after.end(), [&](const std::string& id) { return waits(index.at(id)); }));
  }
  std::string circle;
  for (auto task = std::find(way.begin(), way.end(), at); task != way.end(); ++task)
    circle += dag.tasks[*task].id + " after ";
  return {ErrorKind::kInvalidInput,
          fmt::format("tasks wait for each other: {}{}", circle, dag.tasks[at].id)};
}

}  // namespace

std::string_view NameOf(TriggerRule rule) {
  return NameIn(kTriggerRules, rule);
}

std::string_view NameOf(WeightRule rule) {
  return NameIn(kWeightRules, rule);
}

std::string_view NameOf(TimeSemantics semantics) {
  return NameIn(kTimeSemantics, semantics);
}

std::optional<TriggerRule> ParseTriggerRule(std::string_view name) {
  return ParseIn(kTriggerRules, name);
}

std::optional<WeightRule> ParseWeightRule(std::string_view name) {
  return ParseIn(kWeightRules, name);
}

std::optional<TimeSemantics> ParseTimeSemantics(std::string_view name) {
  return ParseIn(kTimeSemantics, name);
}

Result<std::vector<std::size_t>> TaskOrder(const Dag& dag) {
  SG_TRY(const Index index, IndexOf(dag));
  std::vector<std::size_t> waits_for(dag.tasks.size());
  std::vector<std::vector<std::size_t>> followers(dag.tasks.size());
  std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
  for (std::size_t i = 0; i < dag.tasks.size(); ++i) {
    for (const std::string& id : dag.tasks[i].after) followers[index.at(id)].push_back(i);
    waits_for[i] = dag.tasks[i].after.size();
    if (waits_for[i] == 0) ready.push(i);
  }
  std::vector<std::size_t> order;
  while (!ready.empty()) {
    order.push_back(ready.top());
    ready.pop();
    for (const std::size_t follower : followers[order.back()]) {
      if (--waits_for[follower] == 0) ready.push(follower);
    }
  }
  if (order.size() < dag.tasks.size()) return Circle(dag, index, waits_for);
  return order;
}

}  // namespace stargaze::model
