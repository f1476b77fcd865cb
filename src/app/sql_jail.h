// Takes from the calling process, for ever, what a query needs not: the network, other programs,
// writing, and more than its share of memory and time.

#pragma once

#include <chrono>
#include <cstdint>

#include "base/result.h"

namespace stargaze::app {

// Before any thread is started. Afterwards files can be opened for reading only.
Status EnterSqlJail(std::chrono::seconds time, int64_t memory_mb, int threads);

}  // namespace stargaze::app
