// GitHub's API over a world: REST and GraphQL, limits, and faults on demand.
//
// Served: GET /search/repositories, /repos/{owner}/{repo} and /repositories/{id}, both also with
// /stargazers/history and /releases, GET /rate_limit, POST /graphql; and what sandbox_endpoints.h
// lists. Every response carries "x-stargaze-sandbox: <world>". Limits are those of RateLimitRules
// and SecondaryRules in the Clock's time; a request beyond them is refused and counted as a
// violation.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/clock.h"
#include "net/http_server.h"
#include "sandbox/api_counters.h"
#include "sandbox/books.h"
#include "sandbox/faults.h"
#include "sandbox/graphql_endpoint.h"
#include "sandbox/paced_body.h"
#include "sandbox/rate_limits.h"
#include "sandbox/sandbox_endpoints.h"
#include "sandbox/secondary_limits.h"
#include "sandbox/world.h"

namespace stargaze::sandbox {

struct GitHubApiOptions {
  RateLimitRules limits{};
  SecondaryRules secondary{};
  GraphqlRules graphql{};
  int64_t rest_cpu_ms = 5;  // CPU that a REST request is charged.
  SandboxFaults faults{};
  std::string base_url{};  // "http://127.0.0.1:8080"; empty: what each request's Host header says.
  Books* books = nullptr;  // Served under /_sandbox/books/, if there are any. Outlives the API.
};

// For measurements: nothing is ever refused for its number.
GitHubApiOptions WithoutLimits();

// Safe for concurrent use, and never fails: what goes wrong is a response.
class GitHubApi {
 public:
  // Both outlive the object.
  GitHubApi(World& world, const Clock& clock, GitHubApiOptions options);
  ~GitHubApi();
  GitHubApi(const GitHubApi&) = delete;
  GitHubApi& operator=(const GitHubApi&) = delete;

  // With a writer when a fault says how the body is sent; a server asks BodyPacer for the rest.
  PacedResponse Exchange(const net::ServerRequest& request);
  // Likewise, without the writer: the part of the body that arrives.
  net::HttpResponse Handle(const net::ServerRequest& request) { return Exchange(request).response; }

  // Orders a fault for the next requests whose target begins so; at most 1,000 orders are kept.
  void Order(FaultOrder order);

  GitHubApiCounters counters() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::sandbox
