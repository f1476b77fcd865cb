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
    full_name TEXT NOT NULL,
    named_at INTEGER NOT NULL
);
CREATE INDEX repository_state_by_name ON repository_state (lower(full_name));
)";

// Words come in any order: attempts run beside each other. A later word that is the same goes on
// with what it finds. Who has moved stays so as long as it is there, since by which name later
// words do not say; for the same reason a name holds until a later word has another, and an older
// word of a move still tells, if the repository has been there from before it until now.
constexpr std::string_view kApply = R"(
INSERT INTO repository_state VALUES (?1, ?2, ?3, ?3, ?4, ?5, iif(?5 = '', 0, ?3))
ON CONFLICT (repository_id) DO UPDATE SET
    since = CASE
        WHEN (?3, ?4) > (observed_at, attempt)
        THEN iif(state = ?2 OR (?2 = 'present' AND state IN ('renamed', 'transferred')), since, ?3)
        WHEN ?2 IN ('renamed', 'transferred') AND state = 'present' AND since < ?3 THEN ?3
        ELSE since END,
    state = CASE
        WHEN (?3, ?4) > (observed_at, attempt)
        THEN iif(?2 = 'present' AND state IN ('renamed', 'transferred'), state, ?2)
        WHEN ?2 IN ('renamed', 'transferred') AND state = 'present' AND since < ?3 THEN ?2
        ELSE state END,
    full_name = iif(?5 <> '' AND ?3 > named_at, ?5, full_name),
    named_at = iif(?5 <> '', max(?3, named_at), named_at),
    observed_at = max(?3, observed_at),
    attempt = iif((?3, ?4) > (observed_at, attempt), ?4, attempt)
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
                        "'named_at'"));
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
