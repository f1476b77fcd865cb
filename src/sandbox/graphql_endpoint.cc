#include "sandbox/graphql_endpoint.h"

#include <fmt/core.h>

#include <algorithm>

#include "sandbox/github_responses.h"
#include "sandbox/graphql_execution.h"

namespace stargaze::sandbox {
namespace {

constexpr int64_t kCpuMsMin = 5;  // Of a query that asks for no repository.

net::HttpResponse Said(std::string body) {
  net::HttpResponse response{.status = 200, .body = std::move(body)};
  response.headers.Add("content-type", "application/json; charset=utf-8");
  return response;
}

}  // namespace

int64_t PostedQuery::cpu_ms(const GraphqlRules& rules) const {
  const int64_t repositories = query ? query->price().repositories : 0;
  return std::max(kCpuMsMin, repositories * rules.cpu_ms_per_repository);
}

PostedQuery ReadQuery(std::string_view body) {
  PostedQuery posted;
  std::vector<graphql::Problem> problems;
  bool is_json = false;
  posted.query = graphql::Query::Read(body, problems, is_json);
  if (!is_json) {
    posted.refusal = ErrorResponse(400, "Problems parsing JSON", "/graphql");
  } else if (!posted.query) {
    posted.refusal = Said(graphql::ResponseBody("", problems));
  }
  return posted;
}

net::HttpResponse AnswerQuery(const graphql::Query& query,
                              World& world,
                              const QueryContext& context) {
  const graphql::ExecutionOptions options{.now = context.now,
                                          .rate = {.limit = context.quota.limit,
                                                   .cost = query.price().points,
                                                   .remaining = context.quota.remaining(),
                                                   .used = context.quota.used,
                                                   .reset_seconds = context.quota.reset_seconds,
                                                   .node_count = query.price().nodes},
                                          .resources_max = context.resources_max};
  std::vector<graphql::Problem> problems;
  const Result<std::string> data = graphql::Execute(query, world, options, problems);
  if (!data.ok()) {
    return ErrorResponse(503, fmt::format("Service unavailable: {}", data.error().message()), "");
  }
  return Said(graphql::ResponseBody(data.value(), problems));
}

net::HttpResponse QueryQuotaExceeded() {
  return Said(graphql::ResponseBody(
      "",
      {{.type = "RATE_LIMITED", .message = "API rate limit already exceeded for this token."}}));
}

}  // namespace stargaze::sandbox
