// The single stars of one generated repository: each is given on a day, some are withdrawn later.
//
// The sum of what stands at an instant is StarsAt() of the repository's curve then, so that the
// history, the snapshot and the search tell the same story. A withdrawn star disappears from the
// day on which it was given, which is how old days of a history change.

#pragma once

#include <cstdint>
#include <vector>

#include "base/instant.h"
#include "sandbox/growth.h"
#include "sandbox/source_days.h"

namespace stargaze::sandbox {

// The instants at which a world's values change: the same distance apart, UTC midnight among them.
struct Timeline {
  Instant start{};  // From here on stars are withdrawn; before, a straight line from the birth.
  int steps_per_day = 1;

  int64_t StepOf(Instant instant) const;  // Counted from 1970-01-01.
  Instant At(int64_t step) const;
  double DayOf(Instant instant) const;  // Since the start; what curves are asked by.
};

// Cheap to advance (a step costs a microsecond), so a caller keeps one and moves it forward; going
// back means a new one. Not safe for concurrent use.
class StarLedger {
 public:
  struct Subject {
    const Curve* curve = nullptr;  // Outlives the ledger.
    Instant created_at{};
    uint64_t seed = 0;
  };

  // `days` outlives the ledger.
  StarLedger(const Subject& subject, const Timeline& timeline, const SourceDays& days);

  // Whether AdvanceTo(step) is allowed: the ledger is not there yet, or exactly there.
  bool CanReach(int64_t step) const { return step >= step_; }
  void AdvanceTo(int64_t step);

  int32_t first_date() const { return first_date_; }
  // Given on that date and standing now, from first_date() on.
  const std::vector<int32_t>& standing() const { return standing_; }
  int64_t stars() const { return stars_; }

 private:
  int64_t CurveAt(Instant instant) const;
  void FillBeforeStart(Instant until);
  void Step(int64_t step);
  void Give(int64_t count, Instant from, Instant until, uint64_t draw);
  void GiveOn(int32_t date, int64_t count);
  void WithdrawPurged(Instant from, Instant until, int64_t& count);
  void Withdraw(int64_t count, int64_t step);

  Subject subject_;
  Timeline timeline_;
  const SourceDays* days_;
  int64_t step_;  // Nothing is known of earlier ones.
  int32_t first_date_;
  int64_t stars_ = 0;
  std::vector<int32_t> standing_;
};

}  // namespace stargaze::sandbox
