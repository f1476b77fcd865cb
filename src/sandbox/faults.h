// What goes wrong at a source, on demand: "html=0.05" spoils one response in twenty.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"

namespace stargaze::sandbox {

enum class FaultKind : unsigned char {
  kIncomplete,  // incomplete_results is true, half of the page's items are missing. Searches only.
  kBadGateway,  // 502
  kSecondaryLimit,       // 403 without retry-after; refuses everything for a minute.
  kSecondaryRetryAfter,  // 403 with retry-after: 60, likewise.
  kHtml,                 // 200 with a page of HTML
  kTruncated,            // The body ends in the middle of the JSON.
  kWrongType,            // stargazers_count of one repository is a text.
  kMissingField,         // full_name of one repository is missing.
  kInvalidUtf8,          // A text of one repository has bytes that are no UTF-8.
  kDuplicateItems,       // One repository stands twice in the page. Searches only.
  kHugeText,             // The description of one repository has 10 MB.
  kServerError,          // 500
  kStorm,           // 500, 502 and 503 for twenty requests in a row; the rate is of all requests.
  kCut,             // The connection closes in the middle of the body.
  kNoBody,          // It closes before the body.
  kSlowBody,        // The body takes two minutes of real time.
  kEndlessBody,     // The body is followed by a gigabyte of blanks.
  kAccepted,        // 202 for the first two asks of a day; the rate is of all star histories.
  kClockSkew,       // The Date header is up to two hours off.
  kWrongJson,       // 200 with JSON of another shape.
  kResourceLimits,  // RESOURCE_LIMITS_EXCEEDED after half of the repositories. GraphQL only.
  kQueryTimeout,    // 502, and the query's points are charged twice. GraphQL only.
};
inline constexpr std::size_t kFaultKinds = 22;

// "incomplete", "bad_gateway", …: the names above in small letters, without the k.
std::string_view FaultName(FaultKind kind);
std::span<const std::string_view> FaultNames();  // By kind.
std::optional<FaultKind> FaultNamed(std::string_view name);

// A token that is refused (401) from an instant on.
struct TokenFault {
  std::string last_four{};
  Instant from = Instant::min();  // Of a revoked one: always.
};

struct SandboxFaults {
  uint64_t seed = 1;
  std::array<double, kFaultKinds>
      rates{};  // By kind, of all requests that were within their limits; 0: never.
  std::vector<TokenFault> tokens{};
};

// Reads "html=0.05" into the rates, "seed=7", "revoked_token=f00d" and
// "expired_token=f00d@<instant>" into the tokens, which their last four characters name.
// kInvalidInput names what is wrong, with the nearest kind.
Status SetFault(SandboxFaults& faults, std::string_view setting);

// The fault of the n-th request, by seed: the same in every run that sends the same requests in the
// same order.
std::optional<FaultKind> FaultOf(const SandboxFaults& faults, uint64_t ordinal);

// Whether that star history is one that has to be computed, and so answers 202 at first.
bool IsComputed(const SandboxFaults& faults, std::string_view path);

// A body of JSON before it is spoiled.
struct JsonBody {
  std::string text{};
  std::vector<std::size_t> items{};  // Where each repository's object begins.
};

// Spoils the body in the way of the kind; `pick` chooses the repository. Returns the index of the
// item, nullopt when the kind is not about one, or the body has none.
std::optional<std::size_t> SpoilBody(FaultKind kind, uint64_t pick, JsonBody& body);

}  // namespace stargaze::sandbox
