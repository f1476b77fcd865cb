// One attempt over a batch of followed repositories: each is walked to its end or listed.

#pragma once

#include "collect/collect.h"

namespace stargaze::collect {

// As Collect. Pages are asked for with the ETags of published manifests; a subject whose every page
// was a 304 is unchanged; one that the source no longer gives is gone, and is asked for again after
// a week only.
Result<CollectReport> CollectFollowed(const CollectJob& job, const CollectDeps& deps);

}  // namespace stargaze::collect
