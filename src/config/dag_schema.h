// The form of pipelines/<dag_id>.yaml and of pipelines/pools.yaml.

#pragma once

#include "config/schema.h"

namespace stargaze::config {

const Schema& DagSchema();
const Schema& PoolsSchema();

}  // namespace stargaze::config
