#include "sandbox/generated_world.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numbers>
#include <unordered_map>

#include "sandbox/ascii.h"
#include "sandbox/population.h"

namespace stargaze::sandbox {
namespace {

constexpr int kRepositoriesMax = 50'000;
constexpr int kMinutesPerDay = 1'440;
constexpr double kMicrosecondsPerDay = 86'400e6;

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

}  // namespace

struct GeneratedWorld::Impl {
  GeneratedWorldOptions options{};
  std::string name{};
  std::vector<Inhabitant> inhabitants{};  // By id.
  std::unordered_map<std::string, std::vector<NameHolder>>
      holders{};  // By full name in lower case; by time.
  std::mutex mutex{};
  std::shared_ptr<const Snapshot> newest{};  // Guarded by `mutex`, as is the next.
  std::shared_ptr<const Snapshot> previous{};

  Instant StepOf(Instant instant) const {
    const auto step = std::chrono::microseconds(std::chrono::days(1)) / options.steps_per_day;
    const auto elapsed = instant.time_since_epoch();
    auto steps = elapsed / step;
    if (elapsed % step < std::chrono::microseconds(0)) --steps;
    return Instant(steps * step);
  }

  std::shared_ptr<const Snapshot> Build(Instant since) const {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->since = since;
    snapshot->repositories.reserve(inhabitants.size());
    const double day = DaysBetween(options.start_day, since);
    const double rhythm = WeeklyRhythm(day);
    for (const Inhabitant& one : inhabitants) {
      if (one.profile.created_at > since || (one.deleted_at && *one.deleted_at <= since)) continue;
      snapshot->repositories.push_back({
          .profile = &one.profile,
          .name = &NameAt(one, since),
          .stars = StarsAt(one.curve, day, rhythm),
          .forks = ForksAt(one.curve, day, rhythm),
          .open_issues = OpenIssuesAt(one, day),
          .updated_at = one.curve.kind == CurveKind::kStale ? PushedAt(one, since) : since,
          .pushed_at = PushedAt(one, since),
          .archived = one.archived_at && *one.archived_at <= since,
      });
    }
    return snapshot;
  }
};

GeneratedWorld::GeneratedWorld(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
GeneratedWorld::~GeneratedWorld() = default;

Result<std::unique_ptr<GeneratedWorld>> GeneratedWorld::Create(
    const GeneratedWorldOptions& options) {
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
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->name = fmt::format("generated:seed={},repositories={},start={}",
                           options.seed,
                           options.repositories,
                           FormatDay(options.start_day));
  if (options.steps_per_day != 1)
    impl->name += fmt::format(",steps_per_day={}", options.steps_per_day);
  impl->inhabitants = Populate(
      {.seed = options.seed, .established = options.repositories, .start = options.start_day});
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
  const auto found = std::ranges::lower_bound(
      impl_->inhabitants, repository_id, {}, [](const Inhabitant& one) { return one.profile.id; });
  return found != impl_->inhabitants.end() && found->profile.id == repository_id ? &found->curve
                                                                                 : nullptr;
}

std::vector<int64_t> GeneratedWorld::Ids() const {
  std::vector<int64_t> ids;
  ids.reserve(impl_->inhabitants.size());
  for (const Inhabitant& one : impl_->inhabitants) ids.push_back(one.profile.id);
  return ids;
}

}  // namespace stargaze::sandbox
