#include "sandbox/star_ledger.h"

#include <algorithm>

#include "base/assert.h"
#include "sandbox/mix.h"

namespace stargaze::sandbox {
namespace {

constexpr int64_t kMicrosecondsPerDay = 86'400'000'000;
constexpr uint64_t kChurnStream = 0x5741;  // Keeps the draws of a step apart.
constexpr uint64_t kSplitStream = 0x5350;
constexpr uint64_t kPickStream = 0x504b;

// Stars that come and go besides the net change: more where more happens.
int64_t ChurnOf(int64_t net, int64_t stars, int steps_per_day, uint64_t bits) {
  constexpr double kOfNew = 0.02;  // Of those given today, and of those that stand.
  constexpr double kOfStanding = 4e-6;
  constexpr double kChanceMax = 0.6;
  const double given = static_cast<double>(std::max<int64_t>(0, net));
  const double expected = given * kOfNew + static_cast<double>(stars) * kOfStanding / steps_per_day;
  if (Unit01(bits) >= std::min(kChanceMax, expected)) return 0;
  return 1 + static_cast<int64_t>(Mix(bits, 1) % (1 + static_cast<uint64_t>(given) / 30));
}

}  // namespace

int64_t Timeline::StepOf(Instant instant) const {
  const int64_t step = kMicrosecondsPerDay / steps_per_day;
  const int64_t elapsed = instant.time_since_epoch().count();
  return elapsed / step - (elapsed % step < 0 ? 1 : 0);
}

Instant Timeline::At(int64_t step) const {
  return Instant(std::chrono::microseconds(step * (kMicrosecondsPerDay / steps_per_day)));
}

double Timeline::DayOf(Instant instant) const {
  return static_cast<double>((instant - start).count()) / static_cast<double>(kMicrosecondsPerDay);
}

StarLedger::StarLedger(const Subject& subject, const Timeline& timeline, const SourceDays& days)
    : subject_(subject),
      timeline_(timeline),
      days_(&days),
      step_(timeline.StepOf(subject.created_at)),
      first_date_(days.DateAt(subject.created_at)) {}

int64_t StarLedger::CurveAt(Instant instant) const {
  const double day = timeline_.DayOf(instant);
  return StarsAt(*subject_.curve, day, WeeklyRhythm(day));
}

void StarLedger::AdvanceTo(int64_t step) {
  SG_ASSERT(CanReach(step));
  const int64_t start = timeline_.StepOf(timeline_.start);
  if (step_ < start && step > step_) {
    step_ = std::min(step, start);
    FillBeforeStart(timeline_.At(step_));
  }
  while (step_ < step) Step(++step_);
}

// Nobody takes a star back before the start, so the differences of the curve are what stands.
void StarLedger::FillBeforeStart(Instant until) {
  standing_.clear();
  const int32_t last = days_->DateAt(until);
  stars_ = 0;
  for (int32_t date = first_date_; date <= last; ++date) {
    const int64_t then = CurveAt(std::min(until, days_->Begin(date + 1)));
    standing_.push_back(static_cast<int32_t>(then - stars_));
    stars_ = then;
  }
}

void StarLedger::Step(int64_t step) {
  const Instant from = std::max(timeline_.At(step - 1), subject_.created_at);
  const Instant until = timeline_.At(step);
  const uint64_t seed = Mix(subject_.seed, static_cast<uint64_t>(step));
  const int64_t net = CurveAt(until) - stars_;
  const int64_t churn = ChurnOf(net, stars_, timeline_.steps_per_day, Mix(seed, kChurnStream));
  int64_t withdrawn = std::max<int64_t>(0, -net) + churn;
  Give(net + withdrawn, from, until, Mix(seed, kSplitStream));
  stars_ += net;
  WithdrawPurged(from, until, withdrawn);
  Withdraw(withdrawn, step);
}

// Spreads the stars of a step over the two dates that it may touch.
void StarLedger::Give(int64_t count, Instant from, Instant until, uint64_t draw) {
  const int32_t first = days_->DateAt(from);
  const int32_t last = days_->DateAt(until - std::chrono::microseconds(1));
  if (first == last) return GiveOn(first, count);
  const auto before = static_cast<double>((days_->Begin(last) - from).count());
  const double share = before / static_cast<double>((until - from).count());
  const auto early = static_cast<int64_t>(static_cast<double>(count) * share + Unit01(draw));
  GiveOn(first, std::min(early, count));
  GiveOn(last, count - std::min(early, count));
}

void StarLedger::GiveOn(int32_t date, int64_t count) {
  SG_ASSERT(date >= first_date_ && count >= 0);
  const auto index = static_cast<std::size_t>(date - first_date_);
  if (standing_.size() <= index) standing_.resize(index + 1);
  standing_[index] += static_cast<int32_t>(count);
}

// What the platform removes are the bought stars, which stand on the day they were bought.
void StarLedger::WithdrawPurged(Instant from, Instant until, int64_t& count) {
  const Curve& curve = *subject_.curve;
  const bool purges = curve.purged_stars > 0 && timeline_.DayOf(from) < curve.purged_day &&
                      curve.purged_day <= timeline_.DayOf(until);
  if (!purges) return;
  const auto bought_after = std::chrono::seconds(static_cast<int64_t>(curve.bought_day * 86'400));
  const int32_t date = days_->DateAt(timeline_.start + bought_after);
  const auto index = static_cast<std::size_t>(std::max(0, date - first_date_));
  if (index >= standing_.size()) return;
  const int64_t taken = std::min<int64_t>(count, standing_[index]);
  standing_[index] -= static_cast<int32_t>(taken);
  count -= taken;
}

// Half of those who take a star back gave it lately.
void StarLedger::Withdraw(int64_t count, int64_t step) {
  constexpr uint64_t kLately = 60;
  Draws draws(Mix(subject_.seed, kPickStream), static_cast<uint64_t>(step));
  const uint64_t size = standing_.size();
  while (count > 0) {
    const uint64_t back =
        draws.Chance(0.5) ? draws.Below(std::min(kLately, size)) : draws.Below(size);
    uint64_t index = size - 1 - back;
    // Some star stands, or the curve would be negative: the walk ends.
    while (standing_[index] == 0) index = index == 0 ? size - 1 : index - 1;
    const int64_t taken = std::min({count, int64_t{standing_[index]}, 1 + count / 8});
    standing_[index] -= static_cast<int32_t>(taken);
    count -= taken;
  }
}

}  // namespace stargaze::sandbox
