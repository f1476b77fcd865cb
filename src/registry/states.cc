#include "registry/states.h"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>
#include <vector>

#include "lake/cover.h"
#include "lake/manifest_codec.h"

namespace stargaze::registry {
namespace {

using model::SubjectOutcome;
using model::SubjectState;
using storage::Sqlite;
using storage::SqlRows;
using storage::SqlValue;

constexpr std::string_view kSchema = R"(
DROP TABLE IF EXISTS repository_state;
CREATE TABLE repository_state (
    repository_id INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    observed_at INTEGER NOT NULL,
    attempt TEXT NOT NULL,
    full_name TEXT NOT NULL
);
CREATE INDEX repository_state_by_name ON repository_state (lower(full_name));
)";

// A later word that is the same goes on with what it finds; an older one, come late, changes
// nothing. Who has moved stays so as long as it is there: by which name, later words do not say.
constexpr std::string_view kApply = R"(
INSERT INTO repository_state VALUES (?1, ?2, ?3, ?3, ?4, ?5)
ON CONFLICT (repository_id) DO UPDATE SET
    since = iif(state = ?2 OR (?2 = 'present' AND state IN ('renamed', 'transferred')), since, ?3),
    state = iif(?2 = 'present' AND state IN ('renamed', 'transferred'), state, ?2),
    full_name = iif(?5 = '', full_name, ?5), observed_at = ?3, attempt = ?4
WHERE (?3, ?4) > (observed_at, attempt)
)";

constexpr std::string_view kStateOf = R"(
SELECT iif(state = 'not_found' AND full_name <> '' AND EXISTS (
           SELECT 1 FROM repository_state other
           WHERE lower(other.full_name) = lower(mine.full_name) AND other.repository_id <> ?1
           AND other.state IN ('present', 'renamed', 'transferred')
           AND other.observed_at >= mine.since), 'replaced', state),
       since, observed_at, full_name
FROM repository_state mine WHERE repository_id = ?1
)";

constexpr std::string_view kPresent = "present";

// Of "repository_id=10270250"; nullopt for a request's walk.
std::optional<int64_t> RepositoryOf(std::string_view subject) {
  constexpr std::string_view kName = "repository_id=";
  if (!subject.starts_with(kName)) return std::nullopt;
  subject.remove_prefix(kName.size());
  int64_t id = 0;
  const auto [end, error] = std::from_chars(subject.data(), subject.data() + subject.size(), id);
  if (error != std::errc() || end != subject.data() + subject.size()) return std::nullopt;
  return id;
}

}  // namespace

Result<bool> CreateStates(Sqlite& database) {
  SG_TRY(const SqlRows there,
         database.Query("SELECT 1 FROM pragma_table_info('repository_state') WHERE name = "
                        "'full_name'"));
  if (!there.empty()) return false;
  SG_RETURN_IF_ERROR(database.Execute(kSchema));
  return true;
}

Status ReplayStates(lake::ObjectStore& lake, Sqlite& database) {
  SG_TRY(const lake::Cover cover, lake::ListCover(lake, model::Layer::kRaw));
  // Who names them is small; their subjects are read one manifest after the other.
  std::vector<std::pair<Instant, std::string>> in_order;
  for (const std::string& key : cover.keys) {
    SG_TRY(const model::Manifest manifest, lake::ReadManifest(lake, key));
    in_order.emplace_back(manifest.started_at, key);
  }
  std::ranges::sort(in_order);
  for (const auto& [started_at, key] : in_order) {
    SG_TRY(const model::Manifest manifest, lake::ReadManifest(lake, key));
    std::vector<lake::PublishedManifest> attempts = lake::AttemptsOf(key, manifest);
    std::ranges::stable_sort(
        attempts, {}, [](const lake::PublishedManifest& one) { return one.manifest.started_at; });
    for (const lake::PublishedManifest& attempt : attempts)
      SG_RETURN_IF_ERROR(ApplyStates(attempt.manifest, database));
  }
  return Ok();
}

Status ApplyStates(const model::Manifest& raw, Sqlite& database) {
  return database.Transaction([&]() -> Status {
    for (const SubjectOutcome& outcome : raw.subjects) {
      const auto repository_id = RepositoryOf(outcome.subject);
      if (!repository_id || outcome.state == SubjectState::kFailed) continue;
      // Why it is gone, or how it has moved.
      const std::string state = outcome.kind.empty() ? std::string(kPresent) : outcome.kind;
      const std::vector<SqlValue> parameters{
          *repository_id, state, outcome.observed_at, raw.attempt, outcome.full_name};
      SG_RETURN_IF_ERROR(database.Run(kApply, parameters));
    }
    return Ok();
  });
}

Result<std::optional<RepositoryState>> StateOf(int64_t repository_id, Sqlite& database) {
  const std::vector<SqlValue> parameters{repository_id};
  SG_TRY(const SqlRows rows, database.Query(kStateOf, parameters));
  if (rows.empty()) return std::optional<RepositoryState>();
  const auto instant = [&](std::size_t column) {
    return Instant(std::chrono::microseconds(rows.Integer(0, column)));
  };
  return std::optional(RepositoryState{.name = rows.Text(0, 0),
                                       .since = instant(1),
                                       .observed_at = instant(2),
                                       .full_name = rows.Text(0, 3)});
}

}  // namespace stargaze::registry
