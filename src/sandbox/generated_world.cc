#include "sandbox/generated_world.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numbers>
#include <unordered_map>

#include "sandbox/ascii.h"
#include "sandbox/mix.h"

namespace stargaze::sandbox {
namespace {

constexpr int kRepositoriesMax = 200'000;
constexpr int kMinutesPerDay = 1'440;
constexpr double kMicrosecondsPerDay = 86'400e6;
constexpr int kDaysPerWeek = 7;

double DaysBetween(Instant from, Instant to) {
  return static_cast<double>((to - from).count()) / kMicrosecondsPerDay;
}

struct NameHolder {
  Instant from{};
  int64_t id = 0;
};

const RepositoryName& NameAt(const Inhabitant& one, Instant instant) {
  auto next = std::ranges::upper_bound(
      one.names, instant, {}, [](const auto& entry) { return entry.first; });
  return next == one.names.begin() ? next->second : std::prev(next)->second;
}

// The last push: one every `push_every_days` since the creation, none once archived.
Instant PushedAt(const Inhabitant& one, Instant instant) {
  const Instant end = one.archived_at ? std::min(*one.archived_at, instant) : instant;
  const double age = std::max(0.0, DaysBetween(one.profile.created_at, end));
  const double pushes = std::floor(age / one.push_every_days);
  const auto seconds = static_cast<int64_t>(pushes * one.push_every_days * 86'400);
  return one.profile.created_at + std::chrono::seconds(seconds);
}

int64_t OpenIssuesAt(const Inhabitant& one, double day) {
  constexpr double kTriageDays = 45;  // They pile up and are swept.
  const double wave = std::sin(2 * std::numbers::pi * day / kTriageDays + one.push_every_days);
  return static_cast<int64_t>(one.open_issues * (1 + 0.25 * wave));
}

RepositoryState StateAt(const Inhabitant& one, Instant since) {
  if (one.profile.created_at > since) return RepositoryState::kUnknown;
  if (one.deleted_at && *one.deleted_at <= since) return RepositoryState::kDeleted;
  const bool hidden = one.withheld && one.withheld->from <= since &&
                      (!one.withheld->until || since < *one.withheld->until);
  return hidden ? one.withheld->state : RepositoryState::kPublic;
}

uint64_t SeedOf(const GeneratedWorldOptions& options, const Inhabitant& one) {
  return Mix(options.seed ^ 0x53544152U, static_cast<uint64_t>(one.profile.id));
}

std::string NameOfWorld(const GeneratedWorldOptions& options) {
  std::string name = fmt::format("generated:seed={},repositories={},start={}",
                                 options.seed,
                                 options.repositories,
                                 FormatDay(options.start_day));
  if (options.steps_per_day != 1) name += fmt::format(",steps_per_day={}", options.steps_per_day);
  if (options.days != DayBoundary::kUtc)
    name += fmt::format(",days={}", DayBoundaryName(options.days));
  if (options.history_short) name += ",history_short=1";
  const EventShares usual;
  const auto add_share = [&name](std::string_view key, double share, double usually) {
    if (share != usually) name += fmt::format(",{}={}", key, share);
  };
  add_share("renamed", options.shares.renamed, usual.renamed);
  add_share("transferred", options.shares.transferred, usual.transferred);
  add_share("deleted", options.shares.deleted, usual.deleted);
  add_share("withheld", options.shares.withheld, usual.withheld);
  return name;
}

Status Check(const GeneratedWorldOptions& options) {
  if (options.repositories < 1 || options.repositories > kRepositoriesMax) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("repositories of a generated world must be from 1 to {}, not {}",
                             kRepositoriesMax,
                             options.repositories));
  }
  if (options.steps_per_day < 1 || kMinutesPerDay % options.steps_per_day != 0) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("steps_per_day of a generated world must divide {}, which {} does not",
                             kMinutesPerDay,
                             options.steps_per_day));
  }
  return Ok();
}

}  // namespace

struct GeneratedWorld::Impl {
  Impl(const GeneratedWorldOptions& its_options, SourceDays its_days)
      : options(its_options),
        timeline{.start = its_options.start_day, .steps_per_day = its_options.steps_per_day},
        days(std::move(its_days)),
        name(NameOfWorld(its_options)),
        ledgers([this](int64_t id) { return OpenLedger(id); }) {}

  GeneratedWorldOptions options;
  Timeline timeline;
  SourceDays days;
  std::string name;
  LedgerCache ledgers;
  std::vector<Inhabitant> inhabitants{};  // By id.
  std::unordered_map<std::string, std::vector<NameHolder>>
      holders{};  // By full name in lower case; by time.
  std::mutex mutex{};
  std::shared_ptr<const Snapshot> newest{};  // Guarded by `mutex`, as is the next.
  std::shared_ptr<const Snapshot> previous{};

  Instant StepOf(Instant instant) const { return timeline.At(timeline.StepOf(instant)); }

  const Inhabitant* Find(int64_t id) const {
    const auto found = std::ranges::lower_bound(
        inhabitants, id, {}, [](const Inhabitant& one) { return one.profile.id; });
    return found != inhabitants.end() && found->profile.id == id ? &*found : nullptr;
  }

  std::optional<StarLedger> OpenLedger(int64_t id) const {
    const Inhabitant* one = Find(id);
    if (one == nullptr) return std::nullopt;
    const StarLedger::Subject subject{
        .curve = &one->curve, .created_at = one->profile.created_at, .seed = SeedOf(options, *one)};
    return StarLedger(subject, timeline, days);
  }

  static Repository Describe(const Inhabitant& one, Instant since, double day, double rhythm) {
    return {.profile = &one.profile,
            .name = &NameAt(one, since),
            .stars = StarsAt(one.curve, day, rhythm),
            .forks = ForksAt(one.curve, day, rhythm),
            .open_issues = OpenIssuesAt(one, day),
            .updated_at = one.curve.kind == CurveKind::kStale ? PushedAt(one, since) : since,
            .pushed_at = PushedAt(one, since),
            .archived = one.archived_at && *one.archived_at <= since};
  }

  std::shared_ptr<const Snapshot> Build(Instant since) const {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->since = since;
    snapshot->repositories.reserve(inhabitants.size());
    const double day = timeline.DayOf(since);
    const double rhythm = WeeklyRhythm(day);
    for (const Inhabitant& one : inhabitants) {
      if (StateAt(one, since) == RepositoryState::kPublic)
        snapshot->repositories.push_back(Describe(one, since, day, rhythm));
    }
    return snapshot;
  }
};

GeneratedWorld::GeneratedWorld(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GeneratedWorld::~GeneratedWorld() = default;

Result<std::unique_ptr<GeneratedWorld>> GeneratedWorld::Create(
    const GeneratedWorldOptions& options) {
  SG_RETURN_IF_ERROR(Check(options));
  SG_TRY(SourceDays days, SourceDays::Create(options.days));
  auto impl = std::make_unique<Impl>(options, std::move(days));
  impl->inhabitants = Populate({.seed = options.seed,
                                .established = options.repositories,
                                .start = options.start_day,
                                .shares = options.shares});
  for (const Inhabitant& one : impl->inhabitants) {
    for (const auto& [from, name] : one.names) {
      impl->holders[Lower(name.full_name)].push_back({.from = from, .id = one.profile.id});
    }
  }
  for (auto& [name, holders] : impl->holders) std::ranges::sort(holders, {}, &NameHolder::from);
  return std::unique_ptr<GeneratedWorld>(new GeneratedWorld(std::move(impl)));
}

const std::string& GeneratedWorld::name() const {
  return impl_->name;
}

Result<std::shared_ptr<const Snapshot>> GeneratedWorld::At(Instant instant) {
  const Instant since = impl_->StepOf(instant);
  const std::lock_guard lock(impl_->mutex);
  if (impl_->previous && impl_->previous->since == since) return impl_->previous;
  if (!impl_->newest || impl_->newest->since != since) {
    impl_->previous = std::move(impl_->newest);
    impl_->newest = impl_->Build(since);
  }
  return impl_->newest;
}

std::optional<int64_t> GeneratedWorld::HolderOf(std::string_view full_name, Instant instant) {
  const auto found = impl_->holders.find(Lower(full_name));
  if (found == impl_->holders.end()) return std::nullopt;
  const Instant since = impl_->StepOf(instant);
  std::optional<int64_t> holder;
  for (const NameHolder& entry : found->second) {
    if (entry.from <= since) holder = entry.id;
  }
  return holder;
}

const Curve* GeneratedWorld::CurveOf(int64_t repository_id) const {
  const Inhabitant* one = impl_->Find(repository_id);
  return one == nullptr ? nullptr : &one->curve;
}

const std::vector<std::pair<Instant, RepositoryName>>* GeneratedWorld::NamesOf(
    int64_t repository_id) const {
  const Inhabitant* one = impl_->Find(repository_id);
  return one == nullptr ? nullptr : &one->names;
}

const Timeline& GeneratedWorld::timeline() const {
  return impl_->timeline;
}

std::optional<StarLedger> GeneratedWorld::OpenLedger(int64_t repository_id) const {
  return impl_->OpenLedger(repository_id);
}

Result<Lookup> GeneratedWorld::Look(int64_t id, Instant instant) {
  Lookup found;
  const Inhabitant* one = impl_->Find(id);
  if (one == nullptr) return found;
  const Instant since = impl_->StepOf(instant);
  found.state = StateAt(*one, since);
  if (found.state != RepositoryState::kPublic) return found;
  const double day = impl_->timeline.DayOf(since);
  found.repository = Impl::Describe(*one, since, day, WeeklyRhythm(day));
  return found;
}

Result<StarHistory> GeneratedWorld::StarHistoryOf(int64_t id,
                                                  Instant instant,
                                                  const WeekWindow& window) {
  StarHistory history;
  const bool found =
      impl_->ledgers.Read(id, impl_->timeline.StepOf(instant), [&](const StarLedger& ledger) {
        history = HistoryFrom(ledger, instant, window);
      });
  if (found) return history;
  return Error(ErrorKind::kNotFound, fmt::format("no repository of that id: {}", id));
}

StarHistory GeneratedWorld::HistoryFrom(const StarLedger& ledger,
                                        Instant instant,
                                        const WeekWindow& window) const {
  const std::vector<int32_t>& standing = ledger.standing();
  const int32_t first = ledger.first_date();
  const int32_t last = impl_->days.DateAt(impl_->StepOf(instant));
  const int32_t newest_sunday = last - WeekdayOf(last);
  const int32_t oldest_sunday = first - WeekdayOf(first);
  StarHistory history{.weeks_total = (newest_sunday - oldest_sunday) / kDaysPerWeek + 1};
  const int64_t weeks =
      std::clamp<int64_t>(history.weeks_total - window.newest_skipped, 0, window.weeks_max);
  const auto skipped =
      static_cast<int32_t>(std::min(window.newest_skipped, history.weeks_total) + weeks - 1);
  history.first_date = newest_sunday - skipped * kDaysPerWeek;
  const auto first_star = std::ranges::find_if(standing, [](int32_t stars) { return stars > 0; });
  const auto missing = impl_->options.history_short ? first_star - standing.begin() : -1;
  for (int64_t i = 0; i < weeks * kDaysPerWeek; ++i) {
    const int64_t index = history.first_date + i - first;
    const bool known = index >= 0 && index < static_cast<int64_t>(standing.size());
    const int32_t stars = known ? standing[static_cast<std::size_t>(index)] : 0;
    history.gained.push_back(stars - (known && index == missing ? 1 : 0));
  }
  for (int64_t week = 0; week < weeks; ++week) {
    const auto sunday = static_cast<int32_t>(history.first_date + week * kDaysPerWeek);
    const Instant begin = impl_->days.Begin(sunday);
    history.week_begins.push_back(
        std::chrono::floor<std::chrono::seconds>(begin).time_since_epoch().count());
  }
  return history;
}

std::vector<Release> GeneratedWorld::ReleasesOf(int64_t id, Instant instant) {
  const Inhabitant* one = impl_->Find(id);
  if (one == nullptr) return {};
  return ReleasesAt({.seed = SeedOf(impl_->options, *one),
                     .repository_id = id,
                     .created_at = one->profile.created_at,
                     .archived_at = one->archived_at},
                    impl_->StepOf(instant));
}

std::vector<int64_t> GeneratedWorld::Ids() const {
  std::vector<int64_t> ids;
  ids.reserve(impl_->inhabitants.size());
  for (const Inhabitant& one : impl_->inhabitants) ids.push_back(one.profile.id);
  return ids;
}

}  // namespace stargaze::sandbox
