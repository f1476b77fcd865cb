#include "model/pipeline.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <set>

namespace stargaze::model {
namespace {

std::optional<std::size_t> IndexOf(const Pipeline& pipeline, const std::string& id) {
  for (std::size_t i = 0; i < pipeline.tasks.size(); ++i) {
    if (pipeline.tasks[i].id == id) return i;
  }
  return std::nullopt;
}

// Follows what waits until it meets a task again: what lies between is the circle.
Error Circle(const Pipeline& pipeline, const std::set<std::string>& done) {
  const auto first =
      std::find_if(pipeline.tasks.begin(), pipeline.tasks.end(), [&](const PipelineTask& task) {
        return !done.contains(task.id);
      });
  SG_ASSERT(first != pipeline.tasks.end());
  std::vector<std::string> way;
  std::string at = first->id;
  while (std::find(way.begin(), way.end(), at) == way.end()) {
    way.push_back(at);
    const std::vector<std::string>& after = pipeline.tasks[*IndexOf(pipeline, at)].after;
    at = *std::find_if(
        after.begin(), after.end(), [&](const std::string& id) { return !done.contains(id); });
  }
  std::string circle;
  for (auto id = std::find(way.begin(), way.end(), at); id != way.end(); ++id)
    circle += *id + " after ";
  return {ErrorKind::kInvalidInput, fmt::format("tasks wait for each other: {}{}", circle, at)};
}

}  // namespace

Result<std::vector<std::size_t>> TaskOrder(const Pipeline& pipeline) {
  for (std::size_t i = 0; i < pipeline.tasks.size(); ++i) {
    const PipelineTask& task = pipeline.tasks[i];
    if (IndexOf(pipeline, task.id) != i) {
      return Error(ErrorKind::kInvalidInput,
                   fmt::format("two tasks have one id: dag={} task={}", pipeline.dag_id, task.id));
    }
    for (const std::string& id : task.after) {
      if (IndexOf(pipeline, id)) continue;
      return Error(ErrorKind::kInvalidInput,
                   fmt::format("task waits for an unknown task: dag={} task={} after={}",
                               pipeline.dag_id,
                               task.id,
                               id));
    }
  }
  std::vector<std::size_t> order;
  std::set<std::string> done;
  while (order.size() < pipeline.tasks.size()) {
    const auto next =
        std::find_if(pipeline.tasks.begin(), pipeline.tasks.end(), [&](const PipelineTask& task) {
          return !done.contains(task.id) &&
                 std::all_of(task.after.begin(), task.after.end(), [&](const std::string& id) {
                   return done.contains(id);
                 });
        });
    if (next == pipeline.tasks.end()) return Circle(pipeline, done);
    order.push_back(static_cast<std::size_t>(next - pipeline.tasks.begin()));
    done.insert(next->id);
  }
  return order;
}

}  // namespace stargaze::model
