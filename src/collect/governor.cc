#include "collect/governor.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>

namespace stargaze::collect {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// GitHub: "wait at least a minute, then longer each time" where a refusal names no time.
constexpr seconds kRefusalWait{60};
constexpr seconds kRefusalWaitMax{3600};
// A window's end is stated in whole seconds of the source's clock.
constexpr seconds kResetSlack{1};
constexpr seconds kAssumedWindow{60};
constexpr seconds kMinute{60};
// Resets of one window may differ by so much between the source's machines.
constexpr int64_t kSameResetSeconds = 2;
// What waits for an answer is woken by it; should the waking be missed, it looks again by itself.
constexpr seconds kLookAgain{1};
constexpr seconds kClockBackTolerated{2};

// The share of a window that is each priority's own: what it has not used is kept for it, in
// proportion to the time that is left. See docs/decisions/0010-who-may-use-a-limit.md.
constexpr std::array<double, 3> kShare{0.10, 0.50, 0.05};
// How much of the limits a minute a priority may fill.
constexpr std::array<double, 3> kMinuteShare{1.0, 0.9, 0.8};

std::size_t Index(Priority priority) {
  return static_cast<std::size_t>(priority);
}

bool IsGraphql(const Ask& ask) {
  return ask.key.resource == "graphql";
}

int64_t ShareOf(int64_t limit, Priority priority) {
  return std::max<int64_t>(
      1, static_cast<int64_t>(static_cast<double>(limit) * kMinuteShare[Index(priority)]));
}

}  // namespace

int64_t PointsOf(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" ? 1 : 5;
}

Grant::Grant(Grant&& other) noexcept
    : governor_(std::exchange(other.governor_, nullptr)),
      ask_(std::move(other.ask_)),
      at_(other.at_),
      lost_before_(other.lost_before_) {}

Grant::~Grant() {
  if (governor_ == nullptr) return;
  const std::lock_guard lock(governor_->mutex_);
  governor_->Release(ask_, Governor::Ending::kLost, ask_.cpu, governor_->Now());
}

void Grant::NotSent() {
  Governor* governor = std::exchange(governor_, nullptr);
  if (governor == nullptr) return;
  const std::lock_guard lock(governor->mutex_);
  governor->Release(ask_, Governor::Ending::kNotSent, milliseconds(0), governor->Now());
}

Verdict Grant::Settle(const net::HttpResponse& response, std::optional<milliseconds> cpu) {
  Governor* governor = std::exchange(governor_, nullptr);
  SG_ASSERT(governor != nullptr);
  Verdict verdict = governor->Settle(*this, response, cpu);
  if (governor->tell_) governor->tell_(verdict.refused);
  return verdict;
}

Verdict Governor::Settle(const Grant& grant,
                         const net::HttpResponse& response,
                         std::optional<milliseconds> cpu) {
  const std::lock_guard lock(mutex_);
  const Instant now = Now();
  const Ask& ask = grant.ask_;
  RateAnswer answer = ReadRateAnswer(response, ask.key.resource, now);
  // A 304 is not counted by the source; what else says nothing about limits is.
  const bool told =
      answer.remaining && (answer.resource.empty() || answer.resource == ask.key.resource);
  const bool free = told || response.status == 304;
  // What was lost since this one was granted may have been counted after this answer was given.
  if (told) {
    const int64_t lost_since = windows_[ask.key].lost - grant.lost_before_;
    answer.remaining = std::max<int64_t>(0, *answer.remaining - lost_since);
  }
  Release(ask, free ? Ending::kAnswered : Ending::kLost, cpu.value_or(ask.cpu), now);
  Learn(ask, answer, now);
  if (answer.refusal != Refusal::kNone) {
    Refuse(ask, answer, grant.at_, now);
  } else if (response.status < 400) {
    Identity& identity = identities_[ask.key.identity];
    if (grant.at_ >= identity.refused_at) identity.refusals = 0;
  }
  return {.refused = answer.refusal != Refusal::kNone, .resource = answer.resource};
}

void Governor::Assume(const LimitKey& key, int requests_per_minute) {
  const std::lock_guard lock(mutex_);
  if (windows_.contains(key)) return;
  windows_[key] = {.limit = requests_per_minute, .remaining = requests_per_minute};
}

// The time; when it went back, everything that is known moves with it, so that waits keep their
// length.
Instant Governor::Now() {
  const Instant now = clock_.Now();
  if (now + kClockBackTolerated < latest_) {
    const auto back = latest_ - now;
    for (auto& [key, window] : windows_) {
      window.ends_at -= back;
      window.blocked_until -= back;
    }
    for (auto& [name, identity] : identities_) {
      identity.blocked_until -= back;
      identity.refused_at -= back;
      identity.spent.MoveBack(back);
    }
    latest_ = now;
  }
  latest_ = std::max(latest_, now);
  return latest_;
}

int64_t Governor::KeptFromOthers(const Window& window, Priority priority, Instant now) const {
  if (priority == Priority::kWatchlist) return 0;
  const auto left = std::chrono::duration<double>(window.ends_at - now).count();
  const double part = std::clamp(left / 3600.0, 0.0, 1.0);
  int64_t kept = 0;
  for (std::size_t other = 0; other < kShare.size(); ++other) {
    if (other == Index(priority)) continue;
    const double own =
        kShare[other] * static_cast<double>(window.limit) - static_cast<double>(window.used[other]);
    kept += static_cast<int64_t>(std::max(0.0, own) * part);
  }
  return kept;
}

// When the limits a minute have room, by what was answered in the last one and what is under way.
Instant Governor::WhenMinuteFree(const Ask& ask, Identity& identity, Instant now) const {
  identity.spent.Forget(now);
  const bool graphql = IsGraphql(ask);
  const int64_t points_max = ShareOf(
      graphql ? limits_.graphql_points_per_minute : limits_.rest_points_per_minute, ask.priority);
  const int64_t cpu_max = ShareOf(limits_.cpu_per_minute.count(), ask.priority);
  const int64_t graphql_cpu_max = ShareOf(limits_.graphql_cpu_per_minute.count(), ask.priority);
  SpentSums sums = identity.spent.sums();
  sums.Add(identity.in_flight_rest);
  sums.Add(identity.in_flight_graphql);
  sums.Add({.points = ask.points, .cpu_ms = ask.cpu.count(), .graphql = graphql});
  const auto fits = [&] {
    return (graphql ? sums.graphql_points : sums.rest_points) <= points_max &&
           sums.cpu_ms <= cpu_max && (!graphql || sums.graphql_cpu_ms <= graphql_cpu_max);
  };
  if (fits()) return now;
  for (const Spent& spent : identity.spent.entries()) {
    sums.Add(spent, -1);
    if (fits()) return spent.at + LastMinute::kSpan;
  }
  return now + kLookAgain;
}

// When the request may go at the earliest, by what is known; nullopt: it never fits.
std::optional<Instant> Governor::WhenFree(const Ask& ask, Instant now) {
  Identity& identity = identities_[ask.key.identity];
  Window& window = windows_[ask.key];
  if (ask.points > limits_.rest_points_per_minute && !IsGraphql(ask)) return std::nullopt;
  if (window.ends_at != Instant() && now >= window.ends_at) {
    window.remaining = window.limit;
    window.used = {};
    window.confirmed = false;
    window.ends_at = Instant();
  }
  const Instant blocked = std::max(window.blocked_until, identity.blocked_until);
  if (blocked > now) return blocked;
  if (!window.confirmed && window.in_flight > 0) return now + kLookAgain;
  if (identity.concurrent >= ShareOf(limits_.concurrent, ask.priority)) return now + kLookAgain;
  const int64_t left = window.remaining - window.in_flight;
  if (left < ask.units) {
    // The first of a window learns; a limit below one request's needs is the source's to refuse.
    const bool first = !window.confirmed && window.ends_at == Instant();
    if (!first) return window.ends_at == Instant() ? now + kLookAgain : window.ends_at;
  } else if (window.confirmed && left - KeptFromOthers(window, ask.priority, now) < ask.units) {
    return std::min(window.ends_at, now + kMinute);  // What is kept shrinks with time.
  }
  return WhenMinuteFree(ask, identity, now);
}

// Higher priority first, then first come; somebody who cannot go holds nobody up but his equals.
bool Governor::SomebodyIsAhead(const Waiter& waiter, Instant now) {
  return std::any_of(waiters_.begin(), waiters_.end(), [&](const Waiter* other) {
    if (other == &waiter || other->ask.key != waiter.ask.key) return false;
    if (other->ask.priority == waiter.ask.priority) return other->ticket < waiter.ticket;
    const auto free_at = WhenFree(other->ask, now);
    return other->ask.priority < waiter.ask.priority && free_at && *free_at <= now;
  });
}

Grant Governor::Take(const Ask& ask, Instant now) {
  Identity& identity = identities_[ask.key.identity];
  Window& window = windows_[ask.key];
  Spent& flying = IsGraphql(ask) ? identity.in_flight_graphql : identity.in_flight_rest;
  flying.points += ask.points;
  flying.cpu_ms += ask.cpu.count();
  ++identity.concurrent;
  window.in_flight += ask.units;
  window.used[Index(ask.priority)] += ask.units;
  if (window.ends_at == Instant()) window.ends_at = now + kAssumedWindow + kResetSlack;
  return {*this, ask, now, window.lost};
}

Result<Grant> Governor::Acquire(const Ask& ask, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  Waiter waiter{.ask = ask, .ticket = ++tickets_};
  waiters_.push_back(&waiter);
  while (true) {
    const Instant now = Now();
    const std::optional<Instant> free_at = WhenFree(ask, now);
    const bool ahead = SomebodyIsAhead(waiter, now);
    if (free_at && *free_at <= now && !ahead && !stop.stop_requested()) {
      std::erase(waiters_, &waiter);
      WakeAll();  // Who stood behind looks whether there is more.
      return Take(ask, now);
    }
    const Instant next = ahead ? now + kLookAgain : free_at.value_or(Instant::max());
    if (next > ask.deadline || stop.stop_requested()) {
      std::erase(waiters_, &waiter);
      WakeAll();
      if (stop.stop_requested())
        return Error(ErrorKind::kCancelled, "stopped while waiting for a limit");
      if (!free_at)
        return Error(ErrorKind::kInvalidInput,
                     fmt::format("a request of {} points never fits the limit", ask.points));
      return Error(ErrorKind::kRateLimited,
                   fmt::format("the limit '{}' is used up until {}",
                               ask.key.resource,
                               FormatInstantSeconds(next)))
          .After(std::chrono::ceil<seconds>(next - now))
          .Remedy("wait, or give a token: it raises the limits");
    }
    waiter.wake = std::stop_source();
    std::stop_source wake = waiter.wake;
    lock.unlock();
    {
      const std::stop_callback forward(stop, [&wake] { wake.request_stop(); });
      (void)clock_.SleepUntil(next, wake.get_token());  // Woken early or not: it looks again.
    }
    lock.lock();
    waited_ += std::max(Now() - now, std::chrono::microseconds(0));
  }
}

void Governor::Release(const Ask& ask, Ending ending, milliseconds cpu, Instant now) {
  Identity& identity = identities_[ask.key.identity];
  Window& window = windows_[ask.key];
  const bool graphql = IsGraphql(ask);
  Spent& flying = graphql ? identity.in_flight_graphql : identity.in_flight_rest;
  flying.points -= ask.points;
  flying.cpu_ms -= ask.cpu.count();
  --identity.concurrent;
  window.in_flight -= ask.units;
  SG_ASSERT(identity.concurrent >= 0 && window.in_flight >= 0);
  if (ending == Ending::kNotSent) {
    int64_t& used = window.used[Index(ask.priority)];
    used = std::max<int64_t>(0, used - ask.units);
  } else {
    identity.spent.Add(
        {.at = now, .points = ask.points, .cpu_ms = cpu.count(), .graphql = graphql});
  }
  // Without a word from the source it counts as spent.
  if (ending == Ending::kLost) {
    window.remaining = std::max<int64_t>(0, window.remaining - ask.units);
    window.lost += ask.units;
  }
  WakeAll();
}

void Governor::Learn(const Ask& ask, const RateAnswer& answer, Instant now) {
  const bool elsewhere = !answer.resource.empty() && answer.resource != ask.key.resource;
  Window& window = windows_[{ask.key.identity, elsewhere ? answer.resource : ask.key.resource}];
  if (!answer.remaining || !answer.reset || !answer.resets_in) {
    window.confirmed = true;  // A source that says nothing goes by what was assumed.
    if (answer.remaining) window.remaining = std::min(window.remaining, *answer.remaining);
    return;
  }
  if (window.confirmed && *answer.reset + kSameResetSeconds < window.reset) return;  // An old one.
  const bool same = window.confirmed && *answer.reset <= window.reset + kSameResetSeconds;
  // Answers overtake each other, so within a window the least is true.
  window.remaining = same ? std::min(window.remaining, *answer.remaining) : *answer.remaining;
  if (!same && window.confirmed) window.used = {};
  if (!same) window.ends_at = now + *answer.resets_in + kResetSlack;
  if (answer.limit) window.limit = *answer.limit;
  window.reset = same ? window.reset : *answer.reset;
  window.confirmed = true;
}

void Governor::Refuse(const Ask& ask, const RateAnswer& answer, Instant granted_at, Instant now) {
  Identity& identity = identities_[ask.key.identity];
  const bool elsewhere = !answer.resource.empty() && answer.resource != ask.key.resource;
  Window& window = windows_[{ask.key.identity, elsewhere ? answer.resource : ask.key.resource}];
  if (answer.refusal == Refusal::kPrimary) {
    const auto wait = answer.retry_after ? answer.retry_after : answer.resets_in;
    window.blocked_until =
        std::max(window.blocked_until, now + wait.value_or(kRefusalWait) + kResetSlack);
    return;
  }
  // A burst that is refused together is one refusal.
  const bool again = identity.refusals == 0 || granted_at >= identity.refused_at;
  seconds wait = answer.retry_after.value_or(seconds(0));
  if (!answer.retry_after) {
    const int before = again ? identity.refusals : identity.refusals - 1;
    wait = std::min(kRefusalWaitMax, kRefusalWait * (1 << std::clamp(before, 0, 6)));
    if (again) ++identity.refusals;
  }
  if (again) identity.refused_at = now;
  identity.blocked_until = std::max(identity.blocked_until, now + std::max(wait, seconds(1)));
}

void Governor::WakeAll() {
  for (Waiter* waiter : waiters_) waiter->wake.request_stop();
}

std::chrono::microseconds Governor::waited() const {
  const std::lock_guard lock(mutex_);
  return waited_;
}

}  // namespace stargaze::collect
