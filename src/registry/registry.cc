#include "registry/registry.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <map>
#include <mutex>
#include <set>

#include "registry/journal.h"
#include "storage/sqlite.h"

namespace stargaze::registry {
namespace {

using storage::Sqlite;
using storage::SqlRows;
using storage::SqlValue;

constexpr std::string_view kSchema = R"(
CREATE TABLE IF NOT EXISTS repository (
    repository_id INTEGER PRIMARY KEY,
    node_id TEXT NOT NULL,
    full_name TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS membership (
    repository_id INTEGER NOT NULL REFERENCES repository,
    rule TEXT NOT NULL,
    followed_from INTEGER NOT NULL,
    followed_to INTEGER,
    PRIMARY KEY (repository_id, rule, followed_from)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS membership_open ON membership (rule, repository_id) WHERE followed_to IS NULL;
CREATE TABLE IF NOT EXISTS applied_journal (key TEXT PRIMARY KEY) WITHOUT ROWID;
)";

constexpr std::size_t kRuleLengthMax = 64;

Status CheckRule(const std::string& rule) {
  const bool good =
      !rule.empty() && rule.size() <= kRuleLengthMax &&
      std::all_of(rule.begin(), rule.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' || c == ':';
      });
  if (good) return Ok();
  return Error(ErrorKind::kInvalidInput,
               "not the name of a rule: '" + rule.substr(0, kRuleLengthMax) + "'")
      .Remedy("use lower-case letters, digits, '_', '-' and ':'");
}

// A rule's name inside an attempt's, where a colon cannot stand.
std::string TaskIdOf(std::string rule) {
  std::replace(rule.begin(), rule.end(), ':', '-');
  return rule;
}

SqlValue OrNull(const std::optional<Instant>& instant) {
  return instant ? SqlValue(*instant) : SqlValue();
}

Instant InstantFrom(const SqlValue& value) {
  return Instant(std::chrono::microseconds(std::get<int64_t>(value)));
}

}  // namespace

struct Registry::Impl {
  Impl(std::unique_ptr<Sqlite> opened, Journal made, Clock& time)
      : database(std::move(opened)), journal(std::move(made)), clock(time) {}

  std::unique_ptr<Sqlite> database;
  Journal journal;
  Clock& clock;
  std::mutex mutex;

  Status Apply(const std::string& key, const std::vector<JournalRow>& rows);
  Status CatchUp();
  Result<std::map<int64_t, JournalRow>> OpenIntervals(const std::string& rule);
  Result<Instant> NextInstant(const std::string& rule);
  Status Record(const std::string& rule, const std::vector<JournalRow>& rows);
  Result<std::vector<Membership>> MembershipsOf(int64_t repository_id);
  Status Complete(FollowedRepository& found);  // Its state, its newest name, its memberships.
};

bool FollowedRepository::IsFollowedBy(std::string_view rule) const {
  return std::ranges::any_of(
      memberships, [&](const Membership& one) { return one.rule == rule && !one.followed_to; });
}

Registry::Registry(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Registry::~Registry() = default;

Result<std::unique_ptr<Registry>> Registry::Open(const RegistryOptions& options,
                                                 lake::ObjectStore& lake,
                                                 storage::DuckDb& engine,
                                                 Clock& clock,
                                                 Random& random) {
  SG_TRY(std::unique_ptr<Sqlite> database, Sqlite::Open(options.path));
  SG_RETURN_IF_ERROR(database->Execute(kSchema));
  SG_TRY(const bool is_new, CreateStates(*database));
  if (is_new) SG_RETURN_IF_ERROR(ReplayStates(lake, *database));
  auto impl = std::make_unique<Impl>(
      std::move(database), Journal(options, lake, engine, clock, random), clock);
  SG_RETURN_IF_ERROR(impl->CatchUp());
  return std::unique_ptr<Registry>(new Registry(std::move(impl)));
}

// What a crash between the journal and this file, or a deleted file, left to be applied.
Status Registry::Impl::CatchUp() {
  SG_TRY(const SqlRows known, database->Query("SELECT key FROM applied_journal"));
  std::set<std::string> applied;
  for (std::size_t i = 0; i < known.size(); ++i) applied.insert(known.Text(i, 0));
  SG_TRY(const std::vector<std::string> keys, journal.Keys());
  for (const std::string& key : keys) {
    if (applied.contains(key)) continue;
    SG_TRY(const std::vector<JournalRow> rows, journal.Read(key));
    SG_RETURN_IF_ERROR(Apply(key, rows));
  }
  return Ok();
}

Status Registry::Impl::Apply(const std::string& key, const std::vector<JournalRow>& rows) {
  return database->Transaction([&]() -> Status {
    for (const JournalRow& row : rows) {
      const RepositoryRef& r = row.repository;
      const std::vector<SqlValue> repository{r.repository_id, r.node_id, r.full_name};
      SG_TRY([[maybe_unused]] SqlRows none,
             database->Query(
                 "INSERT INTO repository VALUES (?1, ?2, ?3) ON CONFLICT (repository_id) DO UPDATE "
                 "SET "
                 "node_id = iif(?2 = '', node_id, ?2), full_name = iif(?3 = '', full_name, ?3)",
                 repository));
      // An interval that is closed stays closed, whatever order the journal is applied in.
      const std::vector<SqlValue> membership{
          r.repository_id, row.rule, row.followed_from, OrNull(row.followed_to)};
      SG_TRY(none,
             database->Query("INSERT INTO membership VALUES (?1, ?2, ?3, ?4) ON CONFLICT "
                             "(repository_id, rule, followed_from) "
                             "DO UPDATE SET followed_to = coalesce(?4, followed_to)",
                             membership));
    }
    const std::vector<SqlValue> applied{key};
    SG_TRY([[maybe_unused]] const SqlRows none,
           database->Query("INSERT INTO applied_journal VALUES (?1)", applied));
    return Ok();
  });
}

// Whole rows: the version that closes an interval keeps the names of the one that opened it.
Result<std::map<int64_t, JournalRow>> Registry::Impl::OpenIntervals(const std::string& rule) {
  const std::vector<SqlValue> parameters{rule};
  SG_TRY(
      const SqlRows rows,
      database->Query(
          "SELECT repository_id, node_id, full_name, followed_from FROM membership JOIN repository "
          "USING (repository_id) WHERE rule = ?1 AND followed_to IS NULL",
          parameters));
  std::map<int64_t, JournalRow> open;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const RepositoryRef repository{.repository_id = rows.Integer(i, 0),
                                   .node_id = rows.Text(i, 1),
                                   .full_name = rows.Text(i, 2)};
    open[repository.repository_id] = {
        .repository = repository, .rule = rule, .followed_from = InstantFrom(rows.rows[i][3])};
  }
  return open;
}

// Later than every instant of the rule, so that two changes within a microsecond stay two.
Result<Instant> Registry::Impl::NextInstant(const std::string& rule) {
  const std::vector<SqlValue> parameters{rule};
  SG_TRY(const SqlRows rows,
         database->Query("SELECT max(max(followed_from), coalesce(max(followed_to), 0)) FROM "
                         "membership WHERE rule = ?1",
                         parameters));
  const Instant now = clock.Now();
  if (std::holds_alternative<std::monostate>(rows.rows[0][0])) return now;
  return std::max(now, InstantFrom(rows.rows[0][0]) + std::chrono::microseconds(1));
}

Status Registry::Impl::Record(const std::string& rule, const std::vector<JournalRow>& rows) {
  if (rows.empty()) return Ok();
  SG_TRY(const std::string key, journal.Write(TaskIdOf(rule), rows));
  return Apply(key, rows);
}

Result<std::vector<Membership>> Registry::Impl::MembershipsOf(int64_t repository_id) {
  const std::vector<SqlValue> parameters{repository_id};
  SG_TRY(const SqlRows rows,
         database->Query(
             "SELECT rule, followed_from, followed_to FROM membership WHERE repository_id = ?1 "
             "ORDER BY rule, followed_from",
             parameters));
  std::vector<Membership> memberships;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Membership membership{.rule = rows.Text(i, 0), .followed_from = InstantFrom(rows.rows[i][1])};
    if (std::holds_alternative<int64_t>(rows.rows[i][2]))
      membership.followed_to = InstantFrom(rows.rows[i][2]);
    memberships.push_back(std::move(membership));
  }
  return memberships;
}

Status Registry::Impl::Complete(FollowedRepository& found) {
  RepositoryRef& repository = found.repository;
  SG_TRY(found.state, StateOf(repository.repository_id, *database));
  if (found.state && !found.state->full_name.empty()) repository.full_name = found.state->full_name;
  SG_TRY(found.memberships, MembershipsOf(repository.repository_id));
  return Ok();
}

Result<FollowedPage> Registry::List(const ListQuery& query) {
  const std::lock_guard lock(impl_->mutex);
  const Instant at = query.at.value_or(impl_->clock.Now());
  const SqlValue rule = query.rule ? SqlValue(*query.rule) : SqlValue();
  // Now means: an interval that is open, however the clock stands.
  const std::string held = query.at
                               ? "followed_from <= ?2 AND (followed_to IS NULL OR followed_to > ?2)"
                               : "followed_to IS NULL AND ?2 = ?2";
  const std::string where = "(?1 IS NULL OR rule = ?1) AND " + held;
  const std::vector<SqlValue> counted{rule, at};
  SG_TRY(const SqlRows total,
         impl_->database->Query(
             "SELECT count(DISTINCT repository_id) FROM membership WHERE " + where, counted));
  const std::vector<SqlValue> paged{rule, at, query.limit, query.offset};
  SG_TRY(const SqlRows rows,
         impl_->database->Query(
             "SELECT repository_id, node_id, full_name FROM repository WHERE repository_id IN "
             "(SELECT repository_id FROM membership WHERE " +
                 where + ") ORDER BY repository_id LIMIT ?3 OFFSET ?4",
             paged));
  FollowedPage page{.total = total.Integer(0, 0)};
  for (std::size_t i = 0; i < rows.size(); ++i) {
    FollowedRepository found{.repository = {.repository_id = rows.Integer(i, 0),
                                            .node_id = rows.Text(i, 1),
                                            .full_name = rows.Text(i, 2)}};
    SG_RETURN_IF_ERROR(impl_->Complete(found));
    page.rows.push_back(std::move(found));
  }
  return page;
}

Result<std::vector<int64_t>> Registry::FollowedIds() {
  const std::lock_guard lock(impl_->mutex);
  SG_TRY(const SqlRows rows,
         impl_->database->Query("SELECT DISTINCT repository_id FROM membership WHERE followed_to "
                                "IS NULL ORDER BY repository_id"));
  std::vector<int64_t> ids;
  ids.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) ids.push_back(rows.Integer(i, 0));
  return ids;
}

Result<FollowedRepository> Registry::Get(int64_t repository_id) {
  const std::lock_guard lock(impl_->mutex);
  const std::vector<SqlValue> parameters{repository_id};
  SG_TRY(const SqlRows rows,
         impl_->database->Query(
             "SELECT node_id, full_name FROM repository WHERE repository_id = ?1", parameters));
  if (rows.empty())
    return Error(ErrorKind::kNotFound,
                 fmt::format("no repository with id {} was ever followed", repository_id));
  FollowedRepository found{.repository = {.repository_id = repository_id,
                                          .node_id = rows.Text(0, 0),
                                          .full_name = rows.Text(0, 1)}};
  SG_RETURN_IF_ERROR(impl_->Complete(found));
  return found;
}

Status Registry::Observe(const model::Manifest& raw) {
  const std::lock_guard lock(impl_->mutex);
  return ApplyStates(raw, *impl_->database);
}

Status Registry::Follow(const std::string& rule, const RepositoryRef& repository) {
  SG_RETURN_IF_ERROR(CheckRule(rule));
  if (repository.repository_id <= 0)
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("not a repository id: {}", repository.repository_id));
  const std::lock_guard lock(impl_->mutex);
  SG_TRY(const auto open, impl_->OpenIntervals(rule));
  if (open.contains(repository.repository_id)) return Ok();
  SG_TRY(const Instant now, impl_->NextInstant(rule));
  return impl_->Record(rule, {{.repository = repository, .rule = rule, .followed_from = now}});
}

Status Registry::Unfollow(const std::string& rule, int64_t repository_id) {
  SG_RETURN_IF_ERROR(CheckRule(rule));
  const std::lock_guard lock(impl_->mutex);
  SG_TRY(const auto open, impl_->OpenIntervals(rule));
  const auto found = open.find(repository_id);
  if (found == open.end()) {
    return Error(ErrorKind::kNotFound,
                 fmt::format("repository {} is not followed by the rule {}", repository_id, rule));
  }
  JournalRow closed = found->second;
  SG_TRY(closed.followed_to, impl_->NextInstant(rule));
  return impl_->Record(rule, {closed});
}

Result<ReplaceCounts> Registry::ReplaceRule(const std::string& rule,
                                            const std::vector<RepositoryRef>& repositories) {
  SG_RETURN_IF_ERROR(CheckRule(rule));
  const std::lock_guard lock(impl_->mutex);
  SG_TRY(const auto open, impl_->OpenIntervals(rule));
  SG_TRY(const Instant now, impl_->NextInstant(rule));
  ReplaceCounts counts;
  std::vector<JournalRow> changes;
  std::set<int64_t> listed;
  for (const RepositoryRef& repository : repositories) {
    if (repository.repository_id <= 0) {
      return Error(ErrorKind::kInvalidInput,
                   fmt::format("not a repository id: {}", repository.repository_id));
    }
    if (!listed.insert(repository.repository_id).second) continue;
    if (open.contains(repository.repository_id)) {
      ++counts.kept;
    } else {
      changes.push_back({.repository = repository, .rule = rule, .followed_from = now});
      ++counts.added;
    }
  }
  for (const auto& [repository_id, interval] : open) {
    if (listed.contains(repository_id)) continue;
    changes.push_back(interval);
    changes.back().followed_to = now;
    ++counts.removed;
  }
  SG_RETURN_IF_ERROR(impl_->Record(rule, changes));
  return counts;
}

}  // namespace stargaze::registry
