// Invariants of the program itself. They stay on in release builds; data from outside never meets
// them.

#pragma once

namespace stargaze::internal {
[[noreturn]] void AssertFailed(const char* expression, const char* file, int line) noexcept;
}  // namespace stargaze::internal

// A broken invariant is a bug: it is printed and the process stops.
#define SG_ASSERT(expression)                                              \
  do {                                                                     \
    if (!(expression)) [[unlikely]] {                                      \
      ::stargaze::internal::AssertFailed(#expression, __FILE__, __LINE__); \
    }                                                                      \
  } while (false)
