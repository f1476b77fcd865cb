// What an answer says about limits, read from its status, its headers and a refusal's text.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/instant.h"
#include "net/http_client.h"

namespace stargaze::collect {

enum class Refusal : unsigned char {
  kNone,       // An answer, also where it is "forbidden".
  kPrimary,    // The window is used up.
  kSecondary,  // Too much at once.
};

struct RateAnswer {
  std::optional<int64_t> limit{};
  std::optional<int64_t> remaining{};
  std::optional<int64_t> reset{};  // Seconds since the epoch, by the source's clock.
  std::string resource{};          // Empty: not said.
  std::optional<std::chrono::seconds> resets_in{};  // By the source's own Date, else by `now`.
  std::optional<std::chrono::seconds> retry_after{};
  Refusal refusal = Refusal::kNone;
};

// Numbers beyond every window are cut to an hour, a retry-after to a day. `resource` is what was
// asked: GraphQL refuses with status 200.
RateAnswer ReadRateAnswer(const net::HttpResponse& response,
                          std::string_view resource,
                          Instant now);

}  // namespace stargaze::collect
