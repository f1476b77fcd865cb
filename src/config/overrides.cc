#include "config/overrides.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "base/suggest.h"
#include "config/problems.h"
#include "config/text_checks.h"

namespace stargaze::config {
namespace {

// The origin already has the line of a file.
Place PlaceOf(const SettingValue& value, const std::string& setting) {
  return {.file = value.origin, .key = setting};
}

Status StatusOf(const Problems& problems) {
  if (problems.empty()) return Ok();
  return problems.ToError();
}

}  // namespace

Status ApplyVariables(const Settings& settings, model::Catalog& catalog) {
  Problems problems;
  std::vector<std::string> names;
  for (const model::Dataset& dataset : catalog.datasets) names.push_back(dataset.name);
  for (const auto& [dataset_name, values] : settings.variables()) {
    const auto dataset = std::ranges::find(catalog.datasets, dataset_name, &model::Dataset::name);
    for (const auto& [name, value] : values) {
      const Place place = PlaceOf(value, "vars." + dataset_name + "." + name);
      if (dataset == catalog.datasets.end()) {
        problems.Add(
            place,
            fmt::format("unknown dataset '{}'{}", dataset_name, DidYouMean(dataset_name, names)));
        continue;
      }
      const auto variable = dataset->vars.find(name);
      if (variable != dataset->vars.end()) {
        if (IsWholeNumber(variable->second) && !IsWholeNumber(value.text)) {
          problems.Add(place, fmt::format("expected a whole number, found '{}'", value.text));
        }
        variable->second = value.text;
        continue;
      }
      std::vector<std::string> variables;
      for (const auto& [known, unused] : dataset->vars) variables.push_back(known);
      problems.Add(place,
                   fmt::format("unknown variable '{}'{}", name, DidYouMean(name, variables)));
    }
  }
  return StatusOf(problems);
}

Status ApplySchedules(const Settings& settings,
                      const PipelineRules& rules,
                      std::vector<model::Pipeline>& pipelines) {
  Problems problems;
  std::vector<std::string> names;
  for (const model::Pipeline& pipeline : pipelines) names.push_back(pipeline.dag_id);
  for (const auto& [dag_id, value] : settings.schedules()) {
    const Place place = PlaceOf(value, "pipelines." + dag_id + ".schedule");
    const auto pipeline = std::ranges::find(pipelines, dag_id, &model::Pipeline::dag_id);
    if (pipeline == pipelines.end()) {
      problems.Add(place,
                   fmt::format("unknown pipeline '{}'{}", dag_id, DidYouMean(dag_id, names)));
      continue;
    }
    pipeline->schedule = value.text == "off" ? "" : value.text;
    if (pipeline->schedule.empty() || !rules.check_schedule) continue;
    const Status checked = rules.check_schedule(pipeline->schedule);
    if (!checked.ok()) problems.Add(place, checked.error().message());
  }
  return StatusOf(problems);
}

}  // namespace stargaze::config
