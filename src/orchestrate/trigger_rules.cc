#include "orchestrate/trigger_rules.h"

#include "base/assert.h"

namespace stargaze::orchestrate {
namespace {

using model::TriggerRule;

int64_t* FieldOf(UpstreamCounts& counts, InstanceState state) {
  switch (state) {
    case InstanceState::kSuccess:
      return &counts.success;
    case InstanceState::kFailed:
      return &counts.failed;
    case InstanceState::kUpstreamFailed:
      return &counts.upstream_failed;
    case InstanceState::kSkipped:
      return &counts.skipped;
    case InstanceState::kRemoved:
      return &counts.removed;
    default:
      return nullptr;
  }
}

// Rules that run as soon as enough is known, and otherwise wait for every upstream.
Decision DecideByOne(TriggerRule rule, const UpstreamCounts& counts, int64_t bad, bool all_done) {
  if (rule == TriggerRule::kOneSuccess) {
    if (counts.success > 0) return Decision::kRun;
    if (!all_done) return Decision::kWait;
    return counts.skipped == counts.total ? Decision::kSkip : Decision::kUpstreamFailed;
  }
  const bool met =
      rule == TriggerRule::kOneFailed ? bad > 0 : counts.success > 0 || counts.failed > 0;
  if (met) return Decision::kRun;
  return all_done ? Decision::kSkip : Decision::kWait;
}

Decision DecideByDone(TriggerRule rule, const UpstreamCounts& counts, bool all_done) {
  if (rule == TriggerRule::kAllDoneMinOneSuccess && counts.skipped > 0) return Decision::kSkip;
  if (!all_done) return Decision::kWait;
  if (rule == TriggerRule::kAllDone || counts.success > 0) return Decision::kRun;
  return Decision::kUpstreamFailed;
}

// Rules that some upstream states forbid: `failing` makes it upstream_failed, `skipping` skipped.
Decision DecideByNone(bool failing, bool skipping, bool met) {
  if (failing) return Decision::kUpstreamFailed;
  if (skipping) return Decision::kSkip;
  return met ? Decision::kRun : Decision::kWait;
}

}  // namespace

void UpstreamCounts::Move(InstanceState from, InstanceState to, int64_t count) {
  if (int64_t* field = FieldOf(*this, from)) *field -= count;
  if (int64_t* field = FieldOf(*this, to)) *field += count;
  SG_ASSERT(done() <= total);
}

Decision Decide(TriggerRule rule, const UpstreamCounts& all, bool mapped) {
  if (all.total == 0 || rule == TriggerRule::kAlways) return Decision::kRun;
  UpstreamCounts counts = all;
  if (mapped) {
    counts.total -= counts.removed;
    counts.removed = 0;
  }
  const int64_t bad = counts.failed + counts.upstream_failed;
  const bool all_done = counts.done() == counts.total;
  switch (rule) {
    case TriggerRule::kAllSuccess:
      return DecideByNone(bad > 0, counts.skipped > 0, counts.success == counts.total);
    case TriggerRule::kAllFailed:
      return DecideByNone(false, counts.success > 0 || counts.skipped > 0, bad == counts.total);
    case TriggerRule::kAllSkipped:
      return DecideByNone(false, counts.success > 0 || bad > 0, counts.skipped == counts.total);
    case TriggerRule::kNoneFailed:
      return DecideByNone(bad > 0, false, all_done);
    case TriggerRule::kNoneFailedMinOneSuccess:
      return DecideByNone(bad > 0, counts.skipped == counts.total, all_done && counts.success > 0);
    case TriggerRule::kNoneSkipped:
      return DecideByNone(false, counts.skipped > 0, all_done);
    case TriggerRule::kAllDone:
    case TriggerRule::kAllDoneMinOneSuccess:
      return DecideByDone(rule, counts, all_done);
    default:
      return DecideByOne(rule, counts, bad, all_done);
  }
}

}  // namespace stargaze::orchestrate
