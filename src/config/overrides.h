// Settings laid over what the catalog and the pipelines say.

#pragma once

#include <vector>

#include "base/result.h"
#include "config/dag_rules.h"
#include "config/settings.h"
#include "model/dag.h"
#include "model/dataset.h"

namespace stargaze::config {

// vars.<dataset>.<name>: another default of a template variable. kInvalidInput names the origin of
// a setting whose dataset or variable there is not.
Status ApplyVariables(const Settings& settings, model::Catalog& catalog);

// pipelines.<dag>.schedule: another schedule, as ParseSchedule reads it. kInvalidInput likewise.
Status ApplySchedules(const Settings& settings,
                      const model::Catalog& catalog,
                      const DagRules& rules,
                      std::vector<model::Dag>& dags);

}  // namespace stargaze::config
