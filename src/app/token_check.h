// What the source says of a token, asked with GET /rate_limit, which costs nothing.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <stop_token>
#include <string>

#include "app/doctor.h"
#include "base/instant.h"
#include "net/http_client.h"
#include "secrets/secret.h"

namespace stargaze::app {

struct LimitFacts {
  int64_t limit = 0;
  int64_t remaining = 0;
  std::optional<Instant> reset_at{};
};

// The source's answer of any status; an empty token asks as anybody may. Errors are the
// transport's, after 10 s at most.
Result<net::HttpResponse> AskLimits(net::HttpTransport& transport,
                                    const std::string& base_url,
                                    const secrets::Secret& token,
                                    const std::stop_token& stop);

// By resource ("core", "graphql"); empty for a body of another form.
std::map<std::string, LimitFacts> ReadLimits(const std::string& body);

// Whether the token is fit for work; `named` says which: "…wxyz from STARGAZE_GITHUB_TOKEN".
Finding JudgeToken(const std::string& named, const net::HttpResponse& response);

}  // namespace stargaze::app
