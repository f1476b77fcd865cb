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

struct Inhabitant {
  RepositoryProfile profile{};
  Curve curve{};
  std::vector<std::pair<Instant, RepositoryName>> names{};  // From when; ascending, never empty.
  std::optional<Instant> archived_at{};
  std::optional<Instant> deleted_at{};
  double push_every_days = 5;
  double open_issues = 0;
};

struct PopulationOptions {
  uint64_t seed = 1;
  int established = 1'000;  // Repositories that exist at the start.
  Instant start{};
};

// By id, ascending. Full names are unique at every instant.
std::vector<Inhabitant> Populate(const PopulationOptions& options);

}  // namespace stargaze::sandbox
