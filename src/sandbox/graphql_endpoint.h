// POST /graphql: reads a query, prices it, answers it.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "net/http_server.h"
#include "sandbox/graphql_query.h"
#include "sandbox/rate_limits.h"
#include "sandbox/world.h"

namespace stargaze::sandbox {

// What a query costs beside its points, and where it ends.
struct GraphqlRules {
  int64_t cpu_ms_per_repository = 50;     // Asked by id or by name.
  int64_t cpu_ms_per_query_max = 10'000;  // Beyond: 502 after ten seconds, points charged twice.
  // Repositories and connections that one query may read; the rest is null, and said to be.
  int64_t resources_per_query_max = 1'000;
};

// A query that was posted, or the response that refuses it.
struct PostedQuery {
  std::optional<graphql::Query> query{};
  net::HttpResponse refusal{};

  int64_t points() const { return query ? query->price().points : 1; }
  int64_t cpu_ms(const GraphqlRules& rules) const;
};

PostedQuery ReadQuery(std::string_view body);

struct QueryContext {
  Instant now{};
  Quota quota{};  // After the charge.
  int64_t resources_max = 0;
};

// 200 with data, errors or both; 503 when the world is not there.
net::HttpResponse AnswerQuery(const graphql::Query& query,
                              World& world,
                              const QueryContext& context);

// 200 with an error of type RATE_LIMITED.
net::HttpResponse QueryQuotaExceeded();

}  // namespace stargaze::sandbox
