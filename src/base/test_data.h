// Where tests find recorded real data, which is not part of the repository.

#pragma once

#include <cstdlib>
#include <string>

namespace stargaze {

// The folder that STARGAZE_TEST_DATA names; empty when it is not set, and the test skips itself
// with that reason.
inline std::string TestDataFolder() {
  const char* folder = std::getenv("STARGAZE_TEST_DATA");  // NOLINT(concurrency-mt-unsafe)
  return folder == nullptr ? "" : folder;
}

}  // namespace stargaze
