// Answers a checked GraphQL query from a world.

#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "sandbox/graphql_query.h"
#include "sandbox/graphql_schema.h"
#include "sandbox/world.h"

namespace stargaze::sandbox::graphql {

struct ExecutionOptions {
  Instant now{};
  RateLimitView rate{};
  // Repositories and connections that may be read before the rest of the answer is null, with
  // RESOURCE_LIMITS_EXCEEDED.
  int64_t resources_max = INT64_MAX;
};

// `data` of the response; what is missing in it is told in `problems`. Fails when the world is not
// there at that instant.
Result<std::string> Execute(const Query& query,
                            World& world,
                            const ExecutionOptions& options,
                            std::vector<Problem>& problems);

}  // namespace stargaze::sandbox::graphql
