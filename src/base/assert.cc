#include "base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace stargaze::internal {

void AssertFailed(const char* expression, const char* file, int line) noexcept {
  std::fprintf(stderr, "stargaze: broken invariant: %s at %s:%d\n", expression, file, line);
  std::abort();
}

}  // namespace stargaze::internal
