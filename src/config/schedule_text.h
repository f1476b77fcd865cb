// When a DAG runs, as people write it in one text.

#pragma once

#include <string>

#include "base/result.h"
#include "model/dag.h"

namespace stargaze::config {

// "off" or nothing: by hand only; "@once"; "every 30m" or "PT30M"; "on_manifest github/repository";
// anything else is taken for cron, which the orchestrator reads. kInvalidInput for an interval that
// is none.
Result<model::Schedule> ParseSchedule(const std::string& text);

}  // namespace stargaze::config
