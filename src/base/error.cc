#include "base/error.h"

#include <array>
#include <cstddef>

namespace stargaze {
namespace {

// Indexed by ErrorKind. Exit codes are those of docs/cli.md; they are part of the interface.
constexpr std::array<ErrorTraits, 13> kTraits{{
    {.name = "invalid_input", .retryable = false, .http_status = 400, .exit_code = 2},
    {.name = "not_found", .retryable = false, .http_status = 404, .exit_code = 3},
    {.name = "conflict", .retryable = false, .http_status = 409, .exit_code = 6},
    {.name = "unauthorized", .retryable = false, .http_status = 401, .exit_code = 4},
    {.name = "rate_limited", .retryable = true, .http_status = 429, .exit_code = 5},
    {.name = "timeout", .retryable = true, .http_status = 504, .exit_code = 124},
    {.name = "unavailable", .retryable = true, .http_status = 503, .exit_code = 9},
    {.name = "cancelled", .retryable = false, .http_status = 503, .exit_code = 130},
    {.name = "corrupt", .retryable = false, .http_status = 500, .exit_code = 1},
    {.name = "exhausted", .retryable = false, .http_status = 507, .exit_code = 1},
    {.name = "out_of_memory", .retryable = true, .http_status = 503, .exit_code = 1},
    {.name = "unsupported", .retryable = false, .http_status = 501, .exit_code = 2},
    {.name = "internal", .retryable = false, .http_status = 500, .exit_code = 1},
}};

}  // namespace

const ErrorTraits& TraitsOf(ErrorKind kind) {
  return kTraits.at(static_cast<std::size_t>(kind));
}

}  // namespace stargaze
