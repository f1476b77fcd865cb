// GitHub's answers as far as they do not depend on a world: errors, limits, links between pages.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "net/http_server.h"
#include "sandbox/rate_limits.h"

namespace stargaze::sandbox {

// {"message": …, "documentation_url": …, "status": …}
net::HttpResponse ErrorResponse(int status,
                                std::string_view message,
                                std::string_view documentation);

net::HttpResponse NotFoundResponse();

// 451 with the block that says why.
net::HttpResponse TakenDownResponse();

// 422 of a search whose query is missing or wrong.
net::HttpResponse ValidationFailed(std::string_view code, std::string_view message);

// What a request without quota gets: 403 or 429.
net::HttpResponse LimitExceeded(int status, const Quota& quota);

// 403; with `retry_after_seconds` above 0 it says how long to wait.
net::HttpResponse SecondaryLimit(int retry_after_seconds);

net::HttpResponse HtmlPage(int status, std::string_view title);

// "x-ratelimit-…": five headers.
void AddQuotaHeaders(net::Headers& headers, const Quota& quota);

std::string RateLimitBody(const Quota& core, const Quota& search, const Quota& graphql);

struct PageLinks {
  std::string base_url{};
  std::string path{};
  net::QueryParameters query{};  // As received; "page" is replaced.
  int64_t page = 1;
  int64_t last = 1;
};

// The Link header (RFC 8288); empty when there is one page only.
std::string LinkHeader(const PageLinks& links);

}  // namespace stargaze::sandbox
