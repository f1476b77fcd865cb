#include "sandbox/ranking_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <unordered_map>

#include "sandbox/ascii.h"
#include "sandbox/csv.h"
#include "sandbox/mix.h"
#include "sandbox/recorded_world.h"

namespace stargaze::sandbox {
namespace {

using Record = std::vector<std::string>;

enum Column : std::size_t {
  kRepositoryName,
  kStars,
  kForks,
  kLanguage,
  kOwner,
  kIssues,
  kLastCommit,
  kDescription,
  kColumns
};

constexpr std::array<std::string_view, kColumns> kColumnNames = {
    "repo_name", "stars", "forks", "language", "username", "issues", "last_commit", "description"};

struct Header {
  std::array<std::size_t, kColumns> position{};
  std::size_t fields = 0;

  const std::string& In(const Record& record, Column column) const {
    return record[position[column]];
  }
};

Result<Header> ReadHeader(const Record& record) {
  Header header{.fields = record.size()};
  for (std::size_t column = 0; column < kColumns; ++column) {
    const auto found = std::ranges::find(record, kColumnNames[column]);
    if (found == record.end()) {
      return Error(ErrorKind::kCorrupt,
                   fmt::format("a ranking file has no column {}", kColumnNames[column]));
    }
    header.position[column] = static_cast<std::size_t>(found - record.begin());
  }
  return header;
}

std::optional<int64_t> ReadCount(std::string_view text) {
  int64_t value = 0;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc{} || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<std::string> NullIfEmpty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

// Nobody recorded it: some second of the ten years before the first file.
Instant InventedCreation(int64_t id) {
  constexpr Day kFirst = Day(std::chrono::year(2008) / 4 / 10);
  constexpr uint64_t kSeconds = uint64_t{3'650} * 86'400;
  return kFirst + std::chrono::seconds(Mix(static_cast<uint64_t>(id), 1) % kSeconds);
}

class Builder {
 public:
  explicit Builder(Day day) : snapshot_(std::make_shared<Snapshot>()) { snapshot_->since = day; }

  Status Add(const Header& header, const Record& record) {
    if (record.size() != header.fields) {
      return Error(ErrorKind::kCorrupt,
                   fmt::format("it has {} fields, the header {}", record.size(), header.fields));
    }
    const std::string& owner = header.In(record, kOwner);
    const std::string& name = header.In(record, kRepositoryName);
    if (!IsNamePart(owner) || !IsNamePart(name))
      return Error(ErrorKind::kCorrupt, "it names no repository");
    const auto stars = ReadCount(header.In(record, kStars));
    const auto forks = ReadCount(header.In(record, kForks));
    if (!stars || !forks) return Error(ErrorKind::kCorrupt, "its stars or forks are no count");

    const std::string full_name = fmt::format("{}/{}", owner, name);
    const auto [entry, is_new] =
        position_.try_emplace(Lower(full_name), snapshot_->repositories.size());
    if (is_new) snapshot_->repositories.emplace_back();
    Repository& repository = snapshot_->repositories[entry->second];
    const bool wins = std::pair(*stars, *forks) > std::pair(repository.stars, repository.forks);
    if (!is_new && !wins) return Ok();
    repository.stars = *stars;
    repository.forks = *forks;
    Describe(repository, header, record, full_name);
    return Ok();
  }

  Result<std::shared_ptr<const Snapshot>> Finish() && {
    auto& all = snapshot_->repositories;
    std::ranges::sort(all, {}, [](const Repository& one) { return one.profile->id; });
    const auto same =
        std::ranges::adjacent_find(all, {}, [](const Repository& one) { return one.profile->id; });
    if (same != all.end()) {
      return Error(ErrorKind::kCorrupt,
                   fmt::format("two names of a ranking file get one invented id: {} and {}",
                               same->name->full_name,
                               std::next(same)->name->full_name));
    }
    return std::shared_ptr<const Snapshot>(std::move(snapshot_));
  }

 private:
  void Describe(Repository& repository,
                const Header& header,
                const Record& record,
                const std::string& full_name) {
    const int64_t id = InventedId(full_name);
    const std::string& owner = header.In(record, kOwner);
    const int64_t owner_id = InventedId(owner);
    snapshot_->profiles.push_back({.id = id,
                                   .created_at = InventedCreation(id),
                                   .description = NullIfEmpty(header.In(record, kDescription)),
                                   .language = NullIfEmpty(header.In(record, kLanguage))});
    snapshot_->names.push_back({.full_name = full_name,
                                .owner = owner,
                                .name = header.In(record, kRepositoryName),
                                .owner_id = owner_id,
                                .owner_is_organization = owner_id % 2 == 0});
    repository.profile = &snapshot_->profiles.back();
    repository.name = &snapshot_->names.back();
    repository.open_issues = ReadCount(header.In(record, kIssues)).value_or(0);
    repository.updated_at = snapshot_->since;
    repository.pushed_at = ParseInstant(header.In(record, kLastCommit)).value_or(snapshot_->since);
  }

  std::shared_ptr<Snapshot> snapshot_;
  std::unordered_map<std::string, std::size_t> position_;  // By full name in lower case.
};

}  // namespace

Result<std::shared_ptr<const Snapshot>> ReadRankingFile(std::string_view csv, Day day) {
  CsvReader reader(csv);
  Record record;
  SG_TRY(bool more, reader.Next(record));
  if (!more) return Error(ErrorKind::kCorrupt, "a ranking file is empty");
  SG_TRY(const Header header, ReadHeader(record));
  Builder builder(day);
  const auto add_next = [&]() -> Status {
    SG_TRY(more, reader.Next(record));
    return more ? builder.Add(header, record) : Ok();
  };
  for (int64_t number = 2; more; ++number) {
    const Status added = add_next();
    if (!added.ok()) return Error(added.error()).While(fmt::format("record {}", number));
  }
  return std::move(builder).Finish();
}

std::optional<Day> DayOfRankingFile(std::string_view path) {
  constexpr std::string_view kPrefix = "github-ranking-";
  constexpr std::string_view kSuffix = ".csv";
  path.remove_prefix(path.rfind('/') + 1);
  if (!path.starts_with(kPrefix) || !path.ends_with(kSuffix)) return std::nullopt;
  path.remove_prefix(kPrefix.size());
  path.remove_suffix(kSuffix.size());
  return ParseDay(path);
}

}  // namespace stargaze::sandbox
