#include "config/overrides.h"

#include <fmt/core.h>

#include <algorithm>
#include <string>

#include "base/suggest.h"
#include "config/dag_tasks.h"
#include "config/problems.h"
#include "config/schedule_text.h"
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

Status ReplaceSchedule(const std::string& text,
                       const model::Catalog& catalog,
                       const DagRules& rules,
                       model::Dag& dag) {
  SG_TRY(dag.schedule, ParseSchedule(text));
  if (dag.schedule.kind == model::ScheduleKind::kOnManifest) {
    const std::string problem = UnknownDataset(dag.schedule.dataset, catalog);
    if (!problem.empty()) return Error(ErrorKind::kInvalidInput, problem);
  }
  return rules.check_schedule ? rules.check_schedule(dag) : Ok();
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
                      const model::Catalog& catalog,
                      const DagRules& rules,
                      std::vector<model::Dag>& dags) {
  Problems problems;
  std::vector<std::string> names;
  for (const model::Dag& dag : dags) names.push_back(dag.dag_id);
  for (const auto& [dag_id, value] : settings.schedules()) {
    const Place place = PlaceOf(value, "pipelines." + dag_id + ".schedule");
    const auto dag = std::ranges::find(dags, dag_id, &model::Dag::dag_id);
    if (dag == dags.end()) {
      problems.Add(place,
                   fmt::format("unknown pipeline '{}'{}", dag_id, DidYouMean(dag_id, names)));
      continue;
    }
    const Status replaced = ReplaceSchedule(value.text, catalog, rules, *dag);
    if (!replaced.ok()) problems.Add(place, replaced.error().message());
  }
  return StatusOf(problems);
}

}  // namespace stargaze::config
