// GitHub's REST API over a world: repository search, repositories by name and by id, limits, and
// faults on demand.
//
// Served: GET /search/repositories, /repos/{owner}/{repo}, /repositories/{id}, /rate_limit. Every
// response carries "x-stargaze-sandbox: <world>". Limits are those of RateLimitRules in the Clock's
// time; a request beyond them is refused and counted as a violation.

#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/http_server.h"
#include "sandbox/faults.h"
#include "sandbox/rate_limits.h"
#include "sandbox/world.h"

namespace stargaze::sandbox {

struct GitHubApiOptions {
  RateLimitRules limits{};
  SandboxFaults faults{};
  std::string base_url{};  // "http://127.0.0.1:8080"; empty: what each request's Host header says.
};

// One repository in one response that a fault spoiled.
struct SpoiledRecord {
  FaultKind kind{};
  int64_t repository_id = 0;
};

struct GitHubApiCounters {
  int64_t search_requests = 0;
  int64_t core_requests = 0;
  int64_t other_requests = 0;    // /rate_limit, unknown paths, requests without a User-Agent.
  int64_t charged = 0;           // Granted by the limits, less unchanged answers (304).
  int64_t limit_violations = 0;  // Sent while nothing remained, or before a secondary limit's end.
  // By kind; a fault that found nothing to spoil (an empty page) is not counted.
  std::array<int64_t, kFaultKinds> faults{};
  std::vector<SpoiledRecord> spoiled{};  // The first 100,000.
};

// Handle() is safe for concurrent use, and never fails: what goes wrong is a response.
class GitHubApi {
 public:
  // Both outlive the object.
  GitHubApi(World& world, const Clock& clock, GitHubApiOptions options);
  ~GitHubApi();
  GitHubApi(const GitHubApi&) = delete;
  GitHubApi& operator=(const GitHubApi&) = delete;

  net::HttpResponse Handle(const net::ServerRequest& request);

  GitHubApiCounters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::sandbox
