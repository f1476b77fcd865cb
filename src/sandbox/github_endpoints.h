// What a world says to one request that the limits granted.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "net/http_server.h"
#include "sandbox/world.h"

namespace stargaze::sandbox {

inline constexpr std::string_view kSearchPath = "/search/repositories";
inline constexpr std::string_view kGraphqlPath = "/graphql";
inline constexpr std::string_view kByNamePath = "/repos/";
inline constexpr std::string_view kByIdPath = "/repositories/";

struct Call {
  const net::ServerRequest& request;  // GET of one of the paths above.
  Instant now{};
  std::string caller{};     // Digest of the token, empty: anonymous.
  std::string base_url{};   // What links begin with.
  bool incomplete = false;  // A search answers with half of the page, and says so.
};

struct Answer {
  net::HttpResponse response{};
  std::vector<std::size_t> items{};       // Where repositories begin in the body, if it has any.
  std::vector<int64_t> repository_ids{};  // Of the same.
};

// A whole number from 1 on; `otherwise` for anything else.
int64_t NumberOr(const std::optional<std::string>& text, int64_t otherwise);

// 503: the world is not there at that instant.
Answer SourceDown(const Error& error);

// Without the headers that every response has. 503 when the world is not there at that instant.
Answer AnswerFrom(World& world, const Call& call);

}  // namespace stargaze::sandbox
