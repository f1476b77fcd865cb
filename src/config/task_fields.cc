#include "config/task_fields.h"

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "config/duration.h"

namespace stargaze::config {
namespace {

template <typename From, typename To>
void Set(const std::optional<From>& value, To& field) {
  if (value) field = static_cast<To>(*value);
}

std::optional<std::chrono::seconds> DurationOf(const YamlNode& node, std::string_view key) {
  const std::optional<std::string> text = node.Text(key);
  return text ? ParseDuration(*text) : std::nullopt;
}

}  // namespace

void ReadTaskFields(const YamlNode& node, model::DagTask& task) {
  if (const auto rule = node.Text("trigger_rule"))
    Set(model::ParseTriggerRule(*rule), task.trigger_rule);
  Set(node.Text("pool"), task.pool);
  Set(node.Integer("pool_slots"), task.pool_slots);
  Set(node.Integer("priority_weight"), task.priority_weight);
  if (const auto rule = node.Text("weight_rule"))
    Set(model::ParseWeightRule(*rule), task.weight_rule);
  if (const auto load = node.Text("load"))
    task.load = *load == "cpu" ? model::TaskLoad::kCpu : model::TaskLoad::kWaiting;
  Set(node.Integer("retries"), task.retries);
  Set(DurationOf(node, "retry_delay"), task.retry_delay);
  Set(node.Boolean("retry_exponential_backoff"), task.retry_exponential_backoff);
  Set(DurationOf(node, "max_retry_delay"), task.max_retry_delay);
  Set(DurationOf(node, "execution_timeout"), task.execution_timeout);
  Set(node.Boolean("depends_on_past"), task.depends_on_past);
  if (const auto limit = node.Integer("max_active_tis_per_dag"))
    task.max_active_tis_per_dag = static_cast<int>(*limit);
  for (auto [key, names] : {std::pair{"on_success", &task.on_success},
                            std::pair{"on_failure", &task.on_failure},
                            std::pair{"on_retry", &task.on_retry}}) {
    if (node.Find(key) != nullptr) *names = node.Texts(key);
  }
}

}  // namespace stargaze::config
