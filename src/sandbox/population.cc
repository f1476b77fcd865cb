#include "sandbox/population.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <unordered_set>

#include "sandbox/generated_profile.h"
#include "sandbox/invented_names.h"
#include "sandbox/mix.h"

namespace stargaze::sandbox {
namespace {

constexpr int64_t kEstablishedIdBase = 100'000'000;
constexpr int64_t kNewcomerIdBase = 900'000'000;
constexpr int64_t kOwnerIdBase = 20'000'000;
constexpr uint64_t kRepositoriesPerOwnerMin = 3;
constexpr uint64_t kBuyersFrom =
    27'000;  // Owners from here on only receive transferred repositories.
constexpr double kNewcomersPerDay = 0.0008;  // For each established repository.
constexpr double kNewcomerDays = 730;
constexpr double kEventDays =
    400;  // Renames, transfers, archivings and deletions happen in these days.

Instant After(Instant start, double days) {
  constexpr double kSecondsPerDay = 86'400;
  return start + std::chrono::seconds(static_cast<int64_t>(days * kSecondsPerDay));
}

uint64_t Newcomers(const PopulationOptions& options) {
  return static_cast<uint64_t>(kNewcomersPerDay * options.established * kNewcomerDays);
}

// Large worlds have owners of more repositories: their number is limited.
uint64_t RepositoriesPerOwner(const PopulationOptions& options) {
  const uint64_t all = static_cast<uint64_t>(options.established) + Newcomers(options);
  return std::max(kRepositoriesPerOwnerMin, all / kBuyersFrom + 1);
}

class Builder {
 public:
  explicit Builder(const PopulationOptions& options)
      : options_(options), per_owner_(RepositoriesPerOwner(options)) {}

  std::vector<Inhabitant> Build() {
    const auto established = static_cast<uint64_t>(options_.established);
    for (uint64_t number = 0; number < established; ++number) AddEstablished(number);
    CollectFreedNames();
    const double per_day = kNewcomersPerDay * options_.established;
    const uint64_t newcomers = Newcomers(options_);
    for (uint64_t number = 0; number < newcomers; ++number) {
      AddNewcomer(established + number, number, (static_cast<double>(number) + 0.5) / per_day);
    }
    return std::move(inhabitants_);
  }

 private:
  void AddEstablished(uint64_t subject) {
    Draws draws(options_.seed, subject);
    const double birth_day = -draws.Between(60, 4'500);
    Inhabitant one = Draw(draws, After(options_.start, birth_day));
    one.profile.id = kEstablishedIdBase + static_cast<int64_t>(subject) * 11;
    one.curve = DrawEstablishedCurve(draws, birth_day);
    DrawActivity(one, draws);
    one.names.emplace_back(one.profile.created_at, FreshName(subject / per_owner_, draws));
    DrawEvents(one, draws);
    DrawWithheld(one, subject);
    inhabitants_.push_back(std::move(one));
  }

  void AddNewcomer(uint64_t subject, uint64_t number, double birth_day) {
    Draws draws(options_.seed, (uint64_t{1} << 32U) + number);
    Inhabitant one = Draw(draws, After(options_.start, birth_day));
    one.profile.id = kNewcomerIdBase + static_cast<int64_t>(number) * 13;
    one.curve = DrawNewcomerCurve(draws, birth_day);
    DrawActivity(one, draws);
    const bool takes_old_name = !freed_.empty() && freed_.front().first < one.profile.created_at;
    if (takes_old_name) {
      one.names.emplace_back(one.profile.created_at, freed_.front().second);
      freed_.pop_front();
    } else {
      one.names.emplace_back(one.profile.created_at, FreshName(subject / per_owner_, draws));
    }
    inhabitants_.push_back(std::move(one));
  }

  static Inhabitant Draw(Draws& draws, Instant created_at) {
    Inhabitant one{.profile = DrawProfile(draws)};
    one.profile.created_at = created_at;
    return one;
  }

  static void DrawActivity(Inhabitant& one, Draws& draws) {
    one.push_every_days =
        one.curve.kind == CurveKind::kStale ? draws.Between(100, 400) : draws.Between(0.3, 9);
    one.open_issues =
        std::sqrt(one.curve.stars_at_start + one.curve.viral_stars) * draws.Between(0.1, 3);
  }

  void DrawEvents(Inhabitant& one, Draws& draws) {
    const auto some_day = [&] { return After(options_.start, draws.Between(5, kEventDays)); };
    const bool renamed = draws.Chance(options_.shares.renamed);
    const bool transferred = draws.Chance(options_.shares.transferred);
    if (renamed || transferred) {
      const RepositoryName& old = one.names.back().second;
      const uint64_t owner = transferred ? kBuyersFrom + draws.Below(kOwnersMax - kBuyersFrom)
                                         : static_cast<uint64_t>(old.owner_id - kOwnerIdBase);
      const std::string kept = renamed ? "" : old.name;
      one.names.emplace_back(some_day(), FreshName(owner, draws, kept));
    }
    if (draws.Chance(0.03)) one.archived_at = some_day();
    if (draws.Chance(options_.shares.deleted))
      one.deleted_at = std::max(some_day(), one.names.back().first + std::chrono::days(1));
  }

  // From a stream of its own, so that a share of zero and another one make the same world.
  void DrawWithheld(Inhabitant& one, uint64_t subject) {
    Draws draws(options_.seed ^ 0x57495448U, subject);
    if (!draws.Chance(options_.shares.withheld)) return;
    constexpr std::array kStates = {
        RepositoryState::kPrivate, RepositoryState::kTakenDown, RepositoryState::kGone};
    Withheld withheld{.state = kStates[draws.Below(kStates.size())]};
    const double from = draws.Between(3, kEventDays);
    withheld.from = After(options_.start, from);
    const bool comes_back = draws.Chance(0.6) && withheld.state != RepositoryState::kGone;
    if (comes_back) withheld.until = After(options_.start, from + draws.Between(2, 40));
    one.withheld = withheld;
  }

  // Every second deleted repository's name is free for whoever comes next, as on GitHub.
  void CollectFreedNames() {
    for (const Inhabitant& one : inhabitants_) {
      if (one.deleted_at) freed_.emplace_back(*one.deleted_at, one.names.back().second);
    }
    std::ranges::sort(freed_, {}, [](const auto& freed) { return freed.first; });
    std::size_t position = 0;
    std::erase_if(freed_, [&](const auto&) { return position++ % 2 == 1; });
  }

  // `wanted` is kept if that owner has no repository of the name.
  RepositoryName FreshName(uint64_t owner_index, Draws& draws, std::string wanted = "") {
    RepositoryName name;
    name.owner = InventedOwner(options_.seed, owner_index);
    name.owner_id = kOwnerIdBase + static_cast<int64_t>(owner_index);
    name.owner_is_organization = Mix(options_.seed ^ 0x0f0fU, owner_index) % 3 != 0;
    while (true) {
      name.name = wanted.empty() ? InventedRepository(draws.Next()) : wanted;
      name.full_name = name.owner + "/" + name.name;
      if (taken_.insert(name.full_name).second) return name;
      wanted.clear();
    }
  }

  PopulationOptions options_;
  uint64_t per_owner_;
  std::vector<Inhabitant> inhabitants_;
  std::unordered_set<std::string> taken_;
  std::deque<std::pair<Instant, RepositoryName>>
      freed_;  // By the instant from which a newcomer may take it.
};

}  // namespace

std::vector<Inhabitant> Populate(const PopulationOptions& options) {
  return Builder(options).Build();
}

}  // namespace stargaze::sandbox
