#include "sandbox/books.h"

#include "sandbox/repository_json.h"

namespace stargaze::sandbox {
namespace {

// Of a generated world, whose look-ups never fail.
Lookup LookedUp(GeneratedWorld& world, int64_t id, Instant instant) {
  Result<Lookup> found = world.Look(id, instant);
  return found.ok() ? std::move(found).value() : Lookup{};
}

}  // namespace

Books::Books(GeneratedWorld& world)
    : world_(world), ledgers_([&world](int64_t id) { return world.OpenLedger(id); }) {}

RepositoryState Books::StateOf(int64_t id, Instant instant) const {
  return LookedUp(world_, id, instant).state;
}

std::optional<SnapshotFacts> Books::FactsOf(int64_t id, Instant instant) const {
  const Lookup found = LookedUp(world_, id, instant);
  if (found.state != RepositoryState::kPublic) return std::nullopt;
  const Repository& one = found.repository;
  const RepositoryProfile& profile = *one.profile;
  const int64_t pull_requests = OpenPullRequestsOf(one);
  SnapshotFacts facts{.id = id,
                      .node_id = NodeId("R", id),
                      .full_name = one.name->full_name,
                      .stars = one.stars,
                      .forks = one.forks,
                      .watchers = SubscribersOf(one),
                      .open_issues = one.open_issues - pull_requests,
                      .open_pull_requests = pull_requests,
                      .releases = static_cast<int64_t>(world_.ReleasesOf(id, instant).size()),
                      .size_kilobytes = profile.size_kilobytes,
                      .language = profile.language,
                      .archived = one.archived,
                      .created_at = profile.created_at,
                      .pushed_at = one.pushed_at};
  if (profile.license != nullptr) facts.license_spdx = profile.license->spdx_id;
  return facts;
}

std::vector<StarDay> Books::StarDaysOf(int64_t id, Instant instant) {
  std::vector<StarDay> days;
  ledgers_.Read(id, world_.timeline().StepOf(instant), [&](const StarLedger& ledger) {
    const StarHistory history = world_.HistoryFrom(ledger, instant, {});
    Day day{std::chrono::days(history.first_date)};
    for (const int32_t gained : history.gained) {
      days.push_back({.day = day, .gained = gained});
      day += std::chrono::days(1);
    }
  });
  return days;
}

std::vector<Release> Books::ReleasesOf(int64_t id, Instant instant) const {
  return world_.ReleasesOf(id, instant);
}

std::vector<std::pair<Instant, std::string>> Books::NamesOf(int64_t id) const {
  std::vector<std::pair<Instant, std::string>> names;
  const auto* all = world_.NamesOf(id);
  if (all == nullptr) return names;
  for (const auto& [from, name] : *all) {
    // The world shows a change from its next step on.
    const Timeline& timeline = world_.timeline();
    const Instant step = timeline.At(timeline.StepOf(from));
    const bool shows_at_once = names.empty() || step == from;
    names.emplace_back(shows_at_once ? from : timeline.At(timeline.StepOf(from) + 1),
                       name.full_name);
  }
  return names;
}

}  // namespace stargaze::sandbox
