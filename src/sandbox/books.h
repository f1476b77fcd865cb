// A generated world's own books: what was true at an instant, asked directly and not through the
// API. Tests and outside scripts compare with it what a collector has gathered.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sandbox/generated_world.h"
#include "sandbox/ledger_cache.h"

namespace stargaze::sandbox {

// All that a snapshot may say about a public repository.
struct SnapshotFacts {
  int64_t id = 0;
  std::string node_id{};
  std::string full_name{};
  int64_t stars = 0;
  int64_t forks = 0;
  int64_t watchers = 0;
  int64_t open_issues = 0;  // Without pull requests.
  int64_t open_pull_requests = 0;
  int64_t releases = 0;
  int64_t size_kilobytes = 0;
  std::optional<std::string> language{};
  std::optional<std::string> license_spdx{};
  bool archived = false;
  Instant created_at{};
  Instant pushed_at{};
};

struct StarDay {
  Day day{};  // In the world's own days.
  int64_t gained = 0;
};

// Safe for concurrent use, apart from the API over the same world. Readings of one repository
// should move forward in time (ledger_cache.h).
class Books {
 public:
  // `world` outlives the object.
  explicit Books(GeneratedWorld& world);

  // Of all that ever exist, ascending.
  std::vector<int64_t> Ids() const { return world_.Ids(); }
  RepositoryState StateOf(int64_t id, Instant instant) const;
  // nullopt unless the repository is public then.
  std::optional<SnapshotFacts> FactsOf(int64_t id, Instant instant) const;
  // The days of the history as a reading at that instant has them, the oldest first; with days
  // without a star, from the creation's week to the end of the reading's week.
  std::vector<StarDay> StarDaysOf(int64_t id, Instant instant);
  std::vector<Release> ReleasesOf(int64_t id, Instant instant) const;
  // From when each name was the repository's; ascending.
  std::vector<std::pair<Instant, std::string>> NamesOf(int64_t id) const;

 private:
  GeneratedWorld& world_;
  LedgerCache ledgers_;
};

}  // namespace stargaze::sandbox
