// What attempts of every form have in common.

#pragma once

#include <set>
#include <string>

#include "collect/collect.h"

namespace stargaze::collect {

// Subjects that earlier tries of the same task instance have published.
Result<std::set<std::string>> DoneBefore(const CollectJob& job, lake::ObjectStore& lake);

model::Manifest NewManifest(const CollectJob& job, Instant now);

// Errors that concern the program or its disk, not one subject: nothing is gained by going on.
bool EndsTheAttempt(const Error& error);

}  // namespace stargaze::collect
