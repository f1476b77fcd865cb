// Which repositories we follow, by which rule, since when. A cache over the journal in the lake:
// every change is first an object there (table repository_membership), then applied here.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "lake/object_store.h"
#include "registry/states.h"
#include "storage/duckdb.h"

namespace stargaze::registry {

// How callers name a repository; the id is the identity, the other two are attributes (may be
// empty).
struct RepositoryRef {
  int64_t repository_id = 0;
  std::string node_id{};
  std::string full_name{};
};

struct Membership {
  std::string rule{};  // "search_stars", "search_forks", "manual", …
  Instant followed_from{};
  std::optional<Instant> followed_to{};
};

struct FollowedRepository {
  RepositoryRef repository{};
  std::optional<RepositoryState> state{};  // Absent: never asked for.
  std::vector<Membership> memberships{};   // By rule, then followed_from.

  bool IsFollowedBy(std::string_view rule) const;  // Now.
};

// The rule of those that somebody follows by hand: the watchlist.
inline constexpr std::string_view kManualRule = "manual";

struct ListQuery {
  std::optional<std::string> rule{};
  std::optional<Instant> at{};  // Followed at that instant; absent: followed now.
  int64_t offset = 0;
  int64_t limit = 100;
};

struct FollowedPage {
  int64_t total = 0;
  std::vector<FollowedRepository> rows{};  // By repository_id.
};

struct ReplaceCounts {
  int64_t added = 0;
  int64_t removed = 0;
  int64_t kept = 0;
};

struct RegistryOptions {
  std::string path{};               // SQLite file.
  std::string scratch_directory{};  // For Parquet files on their way into the lake.
  std::string host{};               // For the journal's manifests.
  bool sandbox = false;
};

// Safe for concurrent use; changes are one at a time.
class Registry {
 public:
  // Applies what the journal has and the file lacks, so that deleting the file loses nothing; a
  // new file takes the states from the raw manifests too.
  // `engine`, an in-memory database, reads and writes the journal's Parquet files.
  static Result<std::unique_ptr<Registry>> Open(const RegistryOptions& options,
                                                lake::ObjectStore& lake,
                                                storage::DuckDb& engine,
                                                Clock& clock,
                                                Random& random);
  ~Registry();

  Result<FollowedPage> List(const ListQuery& query);
  // Of all that are followed now, ascending.
  Result<std::vector<int64_t>> FollowedIds();
  Result<FollowedRepository> Get(int64_t repository_id);  // kNotFound when never followed.

  // Already followed by that rule: no change, no journal entry.
  Status Follow(const std::string& rule, const RepositoryRef& repository);
  // kNotFound when it is not followed by that rule now.
  Status Unfollow(const std::string& rule, int64_t repository_id);
  // What a raw manifest says of its subjects: who is there and who is gone. Nobody is unfollowed.
  Status Observe(const model::Manifest& raw);
  // Closes the intervals of what left the list, opens those of what came, touches nothing else.
  Result<ReplaceCounts> ReplaceRule(const std::string& rule,
                                    const std::vector<RepositoryRef>& repositories);

 private:
  struct Impl;
  explicit Registry(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::registry
