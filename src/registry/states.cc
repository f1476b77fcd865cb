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
CREATE TABLE repository_state (
    repository_id INTEGER PRIMARY KEY,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    observed_at INTEGER NOT NULL,
    attempt TEXT NOT NULL
);
)";

// A later word that is the same goes on with what it finds; an older one, come late, changes
// nothing.
constexpr std::string_view kApply = R"(
INSERT INTO repository_state VALUES (?1, ?2, ?3, ?3, ?4)
ON CONFLICT (repository_id) DO UPDATE SET
    since = iif(state = ?2, since, ?3), state = ?2, observed_at = ?3, attempt = ?4
WHERE (?3, ?4) > (observed_at, attempt)
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
         database.Query("SELECT 1 FROM sqlite_schema WHERE name = 'repository_state'"));
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
      const std::string state =
          outcome.state == SubjectState::kGone ? outcome.kind : std::string(kPresent);
      const std::vector<SqlValue> parameters{
          *repository_id, state, outcome.observed_at, raw.attempt};
      SG_RETURN_IF_ERROR(database.Run(kApply, parameters));
    }
    return Ok();
  });
}

Result<std::optional<RepositoryState>> StateOf(int64_t repository_id, Sqlite& database) {
  const std::vector<SqlValue> parameters{repository_id};
  SG_TRY(const SqlRows rows,
         database.Query(
             "SELECT state, since, observed_at FROM repository_state WHERE repository_id = ?1",
             parameters));
  if (rows.empty()) return std::optional<RepositoryState>();
  const auto instant = [&](std::size_t column) {
    return Instant(std::chrono::microseconds(rows.Integer(0, column)));
  };
  return std::optional(
      RepositoryState{.name = rows.Text(0, 0), .since = instant(1), .observed_at = instant(2)});
}

}  // namespace stargaze::registry
