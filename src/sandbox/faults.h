// What goes wrong at a source, on demand: "html=0.05" spoils one response in twenty.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

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
};
inline constexpr std::size_t kFaultKinds = 11;

// "incomplete", "bad_gateway", "secondary_limit", "secondary_retry_after", "html", "truncated",
// "wrong_type", "missing_field", "invalid_utf8", "duplicate_items", "huge_text".
std::string_view FaultName(FaultKind kind);

struct SandboxFaults {
  uint64_t seed = 1;
  std::array<double, kFaultKinds>
      rates{};  // By kind, of all requests that were within their limits; 0: never.
};

// Reads "html=0.05" into the rates. kInvalidInput names what is wrong, with the nearest kind.
Status SetFault(SandboxFaults& faults, std::string_view setting);

// The fault of the n-th request, by seed: the same in every run that sends the same requests in the
// same order.
std::optional<FaultKind> FaultOf(const SandboxFaults& faults, uint64_t ordinal);

// A body of JSON before it is spoiled.
struct JsonBody {
  std::string text{};
  std::vector<std::size_t> items{};  // Where each repository's object begins.
};

// Spoils the body in the way of the kind; `pick` chooses the repository. Returns the index of the
// item, nullopt when the kind is not about one, or the body has none.
std::optional<std::size_t> SpoilBody(FaultKind kind, uint64_t pick, JsonBody& body);

}  // namespace stargaze::sandbox
