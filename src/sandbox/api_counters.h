// What the simulated GitHub has seen, counted by itself: the judge of whoever says to be frugal.

#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "sandbox/faults.h"
#include "sandbox/secondary_limits.h"

namespace stargaze::sandbox {

// One repository in one response that a fault spoiled.
struct SpoiledRecord {
  FaultKind kind{};
  int64_t repository_id = 0;
};

using ViolationCounts = std::array<int64_t, kViolationKinds>;  // By ViolationKind.

struct CallerCounters {
  int64_t requests = 0;        // To core, search and GraphQL.
  int64_t charged = 0;         // REST requests that the limits granted, less unchanged answers.
  int64_t not_modified = 0;    // 304
  int64_t graphql_points = 0;  // Charged.
  ViolationCounts violations{};
};

struct GitHubApiCounters {
  int64_t search_requests = 0;
  int64_t core_requests = 0;
  int64_t graphql_requests = 0;
  int64_t other_requests = 0;    // /rate_limit, unknown paths, requests without a User-Agent.
  int64_t charged = 0;           // REST: granted by the limits, less unchanged answers (304).
  int64_t graphql_points = 0;    // Charged.
  int64_t not_modified = 0;      // 304
  int64_t unauthorized = 0;      // 401: revoked and expired tokens too.
  int64_t limit_violations = 0;  // All kinds together.
  ViolationCounts violations{};
  // By kind; a fault that found nothing to spoil (an empty page) is not counted.
  std::array<int64_t, kFaultKinds> faults{};
  std::vector<SpoiledRecord> spoiled{};  // The first 100,000.
  // By the first 8 hex digits of the token's SHA-256, "anonymous"; the first 4,096.
  std::map<std::string, CallerCounters> callers{};
};

// {"requests":{…},"violations":{…},"callers":{…},…}
std::string CountersJson(const GitHubApiCounters& counters);

}  // namespace stargaze::sandbox
