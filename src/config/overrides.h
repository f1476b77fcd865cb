// Settings laid over what the catalog and the pipelines say.

#pragma once

#include <vector>

#include "base/result.h"
#include "config/pipelines.h"
#include "config/settings.h"
#include "model/dataset.h"
#include "model/pipeline.h"

namespace stargaze::config {

// vars.<dataset>.<name>: another default of a template variable. kInvalidInput names the origin of
// a setting whose dataset or variable there is not.
Status ApplyVariables(const Settings& settings, model::Catalog& catalog);

// pipelines.<dag>.schedule: another schedule; "off": by hand only. kInvalidInput likewise.
Status ApplySchedules(const Settings& settings,
                      const PipelineRules& rules,
                      std::vector<model::Pipeline>& pipelines);

}  // namespace stargaze::config
