#include "orchestrate/dag_plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <deque>
#include <map>
#include <string>
#include <utility>

namespace stargaze::orchestrate {
namespace {

using Bits = std::vector<bool>;

Error Invalid(const model::Dag& dag, const std::string& what, const std::string& remedy) {
  return Error(ErrorKind::kInvalidInput,
               fmt::format(
                   "{}: DAG {}: {}", dag.file.empty() ? "generated" : dag.file, dag.dag_id, what))
      .Remedy(remedy);
}

Status Connect(DagPlan& plan) {
  std::map<std::string_view, std::size_t> index;
  const model::Dag& dag = plan.dag;
  for (std::size_t i = 0; i < dag.tasks.size(); ++i) {
    if (!index.emplace(dag.tasks[i].id, i).second)
      return Invalid(dag, "two tasks have the id " + dag.tasks[i].id, "rename one of them");
  }
  for (std::size_t i = 0; i < dag.tasks.size(); ++i) {
    for (const std::string& name : dag.tasks[i].after) {
      const auto found = index.find(name);
      if (found == index.end())
        return Invalid(
            dag,
            fmt::format("task {} waits for {}, which does not exist", dag.tasks[i].id, name),
            "correct its `after`");
      std::vector<std::size_t>& upstream = plan.tasks[i].upstream;
      if (std::find(upstream.begin(), upstream.end(), found->second) != upstream.end()) continue;
      upstream.push_back(found->second);
      plan.tasks[found->second].downstream.push_back(i);
    }
  }
  return Ok();
}

Status Order(DagPlan& plan) {
  std::vector<std::size_t> waits_for(plan.tasks.size());
  std::deque<std::size_t> free;
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    waits_for[i] = plan.tasks[i].upstream.size();
    if (waits_for[i] == 0) free.push_back(i);
  }
  while (!free.empty()) {
    const std::size_t next = free.front();
    free.pop_front();
    plan.order.push_back(next);
    for (const std::size_t after : plan.tasks[next].downstream)
      if (--waits_for[after] == 0) free.push_back(after);
  }
  if (plan.order.size() == plan.tasks.size()) return Ok();
  std::string circle;
  for (std::size_t i = 0; i < waits_for.size(); ++i)
    if (waits_for[i] > 0) circle += (circle.empty() ? "" : ", ") + plan.dag.tasks[i].id;
  return Invalid(plan.dag,
                 "its tasks wait for each other in a circle: " + circle,
                 "remove one `after` of the circle");
}

// Own weight and that of everything reachable, each once.
int64_t ReachableWeight(const DagPlan& plan, std::size_t from, bool downstream) {
  Bits seen(plan.tasks.size());
  std::vector<std::size_t> open{from};
  seen[from] = true;
  int64_t weight = 0;
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    weight += plan.dag.tasks[at].priority_weight;
    for (const std::size_t next :
         downstream ? plan.tasks[at].downstream : plan.tasks[at].upstream) {
      if (seen[next]) continue;
      seen[next] = true;
      open.push_back(next);
    }
  }
  return weight;
}

int64_t PriorityOf(const DagPlan& plan, std::size_t task) {
  switch (plan.dag.tasks[task].weight_rule) {
    case model::WeightRule::kDownstream:
      return ReachableWeight(plan, task, true);
    case model::WeightRule::kUpstream:
      return ReachableWeight(plan, task, false);
    default:
      return plan.dag.tasks[task].priority_weight;
  }
}

void Reach(const DagPlan& plan, std::size_t from, bool downstream, Bits& seen) {
  std::vector<std::size_t> open{from};
  while (!open.empty()) {
    const std::size_t at = open.back();
    open.pop_back();
    for (const std::size_t next :
         downstream ? plan.tasks[at].downstream : plan.tasks[at].upstream) {
      if (seen[next]) continue;
      seen[next] = true;
      open.push_back(next);
    }
  }
}

}  // namespace

std::size_t DagPlan::IndexOf(std::string_view task_id) const {
  const auto found = std::find_if(
      dag.tasks.begin(), dag.tasks.end(), [&](const auto& task) { return task.id == task_id; });
  return static_cast<std::size_t>(found - dag.tasks.begin());
}

std::vector<std::size_t> DagPlan::Closure(const std::vector<std::size_t>& from,
                                          bool upstream,
                                          bool downstream) const {
  Bits before(tasks.size());
  Bits after(tasks.size());
  for (const std::size_t task : from) {
    if (upstream) Reach(*this, task, false, before);
    if (downstream) Reach(*this, task, true, after);
  }
  for (const std::size_t task : from) before[task] = true;
  std::vector<std::size_t> all;
  for (std::size_t i = 0; i < tasks.size(); ++i)
    if (before[i] || after[i]) all.push_back(i);
  return all;
}

Result<std::shared_ptr<const DagPlan>> PlanDag(model::Dag dag) {
  auto plan = std::make_shared<DagPlan>();
  plan->dag = std::move(dag);
  plan->tasks.resize(plan->dag.tasks.size());
  if (plan->dag.tasks.empty()) return Invalid(plan->dag, "it has no tasks", "declare one");
  SG_RETURN_IF_ERROR(Connect(*plan));
  SG_RETURN_IF_ERROR(Order(*plan));
  for (std::size_t i = 0; i < plan->tasks.size(); ++i) {
    const model::DagTask& task = plan->dag.tasks[i];
    if (!task.for_each.empty() && task.trigger_rule == model::TriggerRule::kAlways)
      return Invalid(
          plan->dag,
          fmt::format("task {} is mapped and its trigger rule is always", task.id),
          "choose another rule: how many instances it has is known only after its upstream");
    if (task.pool_slots < 1 || task.retries < 0)
      return Invalid(
          plan->dag,
          fmt::format(
              "task {} has pool_slots {} and retries {}", task.id, task.pool_slots, task.retries),
          "pool_slots is 1 or more, retries 0 or more");
    plan->tasks[i].priority = PriorityOf(*plan, i);
  }
  return std::shared_ptr<const DagPlan>(std::move(plan));
}

}  // namespace stargaze::orchestrate
