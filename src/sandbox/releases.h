// The releases of a generated repository: closed forms of its seed, so that any instant costs the
// same.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/instant.h"

namespace stargaze::sandbox {

struct Release {
  int64_t id = 0;
  int32_t number = 0;  // Of the repository's releases, by creation; from 1.
  bool prerelease = false;
  bool edited = false;     // Its notes were changed after it was published.
  Instant created_at{};    // Of the commit that it tags.
  Instant published_at{};  // Some stay drafts for a while, and appear among older ones.
  Instant updated_at{};

  std::string Tag() const;  // "v1.2.3", "v2.0.0-rc.1"
  std::string Name() const;
  std::string Body() const;
};

struct ReleaseRhythm {
  uint64_t seed = 0;
  int64_t repository_id = 0;
  Instant created_at{};                  // Of the repository.
  std::optional<Instant> archived_at{};  // None is made from here on.
};

// Those that are public at that instant, the newest commit first, as GitHub lists them.
std::vector<Release> ReleasesAt(const ReleaseRhythm& rhythm, Instant instant);

}  // namespace stargaze::sandbox
