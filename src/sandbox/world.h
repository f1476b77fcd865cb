// What a simulated GitHub is about: which repositories exist at an instant, and their values then.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "sandbox/licenses.h"
#include "sandbox/releases.h"

namespace stargaze::sandbox {

// What stays the same as long as the repository exists.
struct RepositoryProfile {
  int64_t id = 0;
  Instant created_at{};
  std::optional<std::string> description{};
  std::optional<std::string> homepage{};
  std::optional<std::string> language{};
  const License* license = nullptr;  // Of Licenses(); nullptr: none.
  std::vector<std::string> topics{};
  int64_t size_kilobytes = 0;
  std::string default_branch = "main";  // Characters as in a name.
};

// What a rename or a transfer changes. Letters, digits, '.', '-' and '_' only, so that it stands
// unescaped in URLs and JSON.
struct RepositoryName {
  std::string full_name{};  // "owner/name"
  std::string owner{};
  std::string name{};
  int64_t owner_id = 0;
  bool owner_is_organization = false;
};

struct Repository {
  const RepositoryProfile* profile =
      nullptr;                           // Never null; lives as long as the snapshot and the world.
  const RepositoryName* name = nullptr;  // Likewise.
  int64_t stars = 0;
  int64_t forks = 0;
  int64_t open_issues = 0;  // Issues and pull requests together, as GitHub counts them.
  Instant updated_at{};
  Instant pushed_at{};
  bool archived = false;
};

// Of what open_issues counts, those that are pull requests.
int64_t OpenPullRequestsOf(const Repository& repository);
// Who watches: subscribers_count of REST, watchers of GraphQL.
int64_t SubscribersOf(const Repository& repository);

// What a repository is to the public at an instant.
enum class RepositoryState : unsigned char {
  kUnknown,  // None of that id, or not yet.
  kPublic,
  kPrivate,    // For a while or for good: 403.
  kDeleted,    // 404
  kTakenDown,  // For legal reasons, perhaps restored later: 451.
  kGone,       // 410
};

std::string_view RepositoryStateName(RepositoryState state);

// Whether `text` may stand in a RepositoryName: not empty, at most 100 of its characters.
bool IsNamePart(std::string_view text);

// A world at one of its instants; never changes.
struct Snapshot {
  Instant since{};                         // The values hold from here until the world's next step.
  std::vector<Repository> repositories{};  // By id, ascending.
  std::deque<RepositoryProfile> profiles{};  // Of a world that keeps none itself.
  std::deque<RepositoryName> names{};        // Likewise.

  // nullptr when no repository of that id exists.
  const Repository* Find(int64_t id) const;
};

// One repository at an instant.
struct Lookup {
  RepositoryState state = RepositoryState::kUnknown;
  Repository repository{};                  // Only of a public one.
  std::shared_ptr<const Snapshot> keeps{};  // What `repository` points into, if not the world.
};

// Weeks of a star history, in the source's own days (source_days.h).
struct StarHistory {
  int64_t weeks_total = 0;             // From the creation's week to that of the reading.
  int32_t first_date = 0;              // Of the oldest week below: a Sunday, in days since 1970.
  std::vector<int32_t> gained{};       // Seven for each week, the oldest first.
  std::vector<int64_t> week_begins{};  // Unix time of each Sunday's first second, likewise.
};

struct WeekWindow {
  int64_t newest_skipped = 0;
  int64_t weeks_max = INT64_MAX;
};

/// Implementations are safe for concurrent use; what they say depends on their declaration and the
/// instant only.
class World {
 public:
  virtual ~World() = default;

  /// Marks every response: "generated:seed=1,repositories=1000". Printable ASCII.
  virtual const std::string& name() const = 0;

  /// Shared, since a request may still read one while the next replaces it in the world's cache.
  /// kUnavailable when the source itself is down then (a day without a recording).
  virtual Result<std::shared_ptr<const Snapshot>> At(Instant instant) = 0;

  /// The id that has this full name (any case) at that instant, or had it last; nullopt if none
  /// ever did. The repository itself may have another name by then, or be gone.
  virtual std::optional<int64_t> HolderOf(std::string_view full_name, Instant instant) = 0;

  /// One repository of the snapshot of that instant; fails like At().
  virtual Result<Lookup> Look(int64_t id, Instant instant);

  /// Stars by the day they were given, of those that stand at the instant. kUnsupported in a world
  /// that knows totals only; kNotFound for a repository that is not there.
  virtual Result<StarHistory> StarHistoryOf(int64_t id, Instant instant, const WeekWindow& window);

  /// The newest first; empty in a world that knows of none.
  virtual std::vector<Release> ReleasesOf(int64_t id, Instant instant);
};

/// `spec` is "generated", "generated:seed=1,repositories=1000,start=2026-01-01,steps_per_day=1,
/// days=utc,history_short=0,renamed=0.06,transferred=0.02,deleted=0.01,withheld=0" (any of the
/// keys: GeneratedWorldOptions), or the path of a folder with recorded rankings. kInvalidInput
/// names the wrong key; kNotFound when there is no such folder.
Result<std::unique_ptr<World>> OpenWorld(std::string_view spec);

}  // namespace stargaze::sandbox
