#include "sandbox/world.h"

#include <algorithm>

#include "sandbox/mix.h"

namespace stargaze::sandbox {

bool IsNamePart(std::string_view text) {
  constexpr std::size_t kBytesMax = 100;
  constexpr std::string_view kAllowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
  return !text.empty() && text.size() <= kBytesMax &&
         text.find_first_not_of(kAllowed) == std::string_view::npos;
}

const Repository* Snapshot::Find(int64_t id) const {
  const auto found = std::ranges::lower_bound(
      repositories, id, {}, [](const Repository& repository) { return repository.profile->id; });
  return found != repositories.end() && found->profile->id == id ? &*found : nullptr;
}

int64_t OpenPullRequestsOf(const Repository& repository) {
  const uint64_t percent = 5 + Mix(static_cast<uint64_t>(repository.profile->id), 0x5052) % 40;
  return repository.open_issues * static_cast<int64_t>(percent) / 100;
}

int64_t SubscribersOf(const Repository& repository) {
  constexpr int64_t kStarsPerSubscriber = 40;
  return repository.stars / kStarsPerSubscriber + 1;
}

std::string_view RepositoryStateName(RepositoryState state) {
  switch (state) {
    case RepositoryState::kUnknown:
      return "unknown";
    case RepositoryState::kPublic:
      return "public";
    case RepositoryState::kPrivate:
      return "private";
    case RepositoryState::kDeleted:
      return "deleted";
    case RepositoryState::kTakenDown:
      return "taken_down";
    case RepositoryState::kGone:
      return "gone";
  }
  return "unknown";
}

Result<Lookup> World::Look(int64_t id, Instant instant) {
  Lookup found;
  SG_TRY(found.keeps, At(instant));
  if (const Repository* repository = found.keeps->Find(id)) {
    found.state = RepositoryState::kPublic;
    found.repository = *repository;
  }
  return found;
}

Result<StarHistory> World::StarHistoryOf(int64_t /*id*/,
                                         Instant /*instant*/,
                                         const WeekWindow& /*window*/) {
  return Error(ErrorKind::kUnsupported, "this world knows totals of stars only, no single days");
}

std::vector<Release> World::ReleasesOf(int64_t /*id*/, Instant /*instant*/) {
  return {};
}

}  // namespace stargaze::sandbox
