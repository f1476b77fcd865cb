// All followed repositories, batch after batch: each is an attempt of its own.

#pragma once

#include "collect/collect.h"

namespace stargaze::collect {

// Walks `job.subjects` in batches of the dataset's size, told apart by the attempt's map index, and
// gives their reports together. What a batch publishes stays when a later one fails. Earlier
// manifests are read once for all.
Result<CollectReport> CollectBatches(CollectJob job, const CollectDeps& deps);

}  // namespace stargaze::collect
