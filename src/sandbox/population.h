// Everybody who ever lives in a generated world, with what happens to them and when.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/growth.h"
#include "sandbox/world.h"

namespace stargaze::sandbox {

// A time in which the public does not see a repository.
struct Withheld {
  RepositoryState state{};
  Instant from{};
  std::optional<Instant> until{};  // nullopt: for good.
};

struct Inhabitant {
  RepositoryProfile profile{};
  Curve curve{};
  std::vector<std::pair<Instant, RepositoryName>> names{};  // From when; ascending, never empty.
  std::optional<Instant> archived_at{};
  std::optional<Instant> deleted_at{};
  std::optional<Withheld> withheld{};
  double push_every_days = 5;
  double open_issues = 0;
};

// Of those that exist at the start, within the 400 days in which things happen.
struct EventShares {
  double renamed = 0.06;
  double transferred = 0.02;  // To another owner.
  double deleted = 0.01;      // Every second one's name is taken by a newcomer with another id.
  double withheld = 0;        // Become private, taken down or gone for a while or for good.

  bool operator==(const EventShares&) const = default;
};

struct PopulationOptions {
  uint64_t seed = 1;
  int established = 1'000;  // Repositories that exist at the start.
  Instant start{};
  EventShares shares{};
};

// By id, ascending. Full names are unique at every instant.
std::vector<Inhabitant> Populate(const PopulationOptions& options);

}  // namespace stargaze::sandbox
