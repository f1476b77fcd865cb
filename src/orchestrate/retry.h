// When a failed try is followed by the next.

#pragma once

#include <chrono>
#include <string>

#include "base/instant.h"
#include "model/dag.h"

namespace stargaze::orchestrate {

// How long after the end of try `try_number` (from 1) the next one may begin. Without exponential
// backoff that is retry_delay. With it the delay doubles per try and a jitter of up to the same
// again is added, which depends only on the names, so that a restarted scheduler comes to the same
// instant. Never more than max_retry_delay nor a day.
std::chrono::seconds RetryDelay(const model::DagTask& task,
                                const std::string& dag_id,
                                Instant logical_date,
                                int try_number);

}  // namespace stargaze::orchestrate
