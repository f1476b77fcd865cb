#include "orchestrate/timetable.h"

#include <fmt/core.h>

#include <algorithm>

namespace stargaze::orchestrate {
namespace {

using model::ScheduleKind;
using std::chrono::microseconds;

Error NeverFires(const model::Schedule& schedule) {
  return {ErrorKind::kInvalidInput, fmt::format("the schedule never fires: '{}'", schedule.text)};
}

std::optional<Instant> Latest(std::optional<Instant> a, std::optional<Instant> b) {
  return a && b ? std::max(a, b) : std::nullopt;
}

}  // namespace

Timetable::Timetable(const model::Dag& dag)
    : schedule_(dag.schedule),
      semantics_(dag.time_semantics),
      start_(dag.start_date),
      end_(dag.end_date),
      catchup_(dag.catchup) {}

Result<Timetable> Timetable::Create(const model::Dag& dag) {
  Timetable timetable(dag);
  SG_TRY(timetable.zone_, Zone::Find(dag.time_zone));
  if (dag.start_date && dag.end_date && *dag.end_date < *dag.start_date) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("the end is before the start: start_date={} end_date={}",
                             FormatInstantSeconds(*dag.start_date),
                             FormatInstantSeconds(*dag.end_date)));
  }
  if (dag.schedule.kind == ScheduleKind::kInterval && dag.schedule.interval.count() <= 0)
    return NeverFires(dag.schedule);
  if (dag.schedule.kind != ScheduleKind::kCron) return timetable;
  SG_TRY(const CronSchedule cron, ParseCron(dag.schedule.text));
  if (!cron.EverFires()) return NeverFires(dag.schedule);
  timetable.cron_ = cron;
  if (dag.start_date && !timetable.RunAt(timetable.AlignedToNext(*dag.start_date))) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("the schedule never fires between start_date and end_date: '{}'",
                             dag.schedule.text));
  }
  return timetable;
}

Instant Timetable::BeginOf(const Progress& progress) const {
  return start_.value_or(progress.active_since);
}

std::optional<Instant> Timetable::AlignedToNext(Instant instant) const {
  return cron_->NextAfter(instant - microseconds(1), zone_);
}

// The newest logical date that is due at `now`.
std::optional<Instant> Timetable::NewestStart(Instant now) const {
  const std::optional<Instant> newest = cron_->PreviousAtOrBefore(now, zone_);
  if (!newest || !IsInterval()) return newest;
  return cron_->PreviousAtOrBefore(*newest - microseconds(1), zone_);
}

std::optional<Instant> Timetable::NextCron(const Progress& progress, Instant now) const {
  std::optional<Instant> next;
  if (progress.last_logical_date) {
    next = cron_->NextAfter(*progress.last_logical_date, zone_);
    // The schedule may have been another one when the last run was made.
    if (IsInterval() && progress.last_interval_end) {
      next = Latest(next, cron_->PreviousAtOrBefore(*progress.last_interval_end, zone_));
    }
    if (start_) next = Latest(next, AlignedToNext(*start_));
    return catchup_ ? next : Latest(next, NewestStart(now));
  }
  if (catchup_) return AlignedToNext(BeginOf(progress));
  if (IsInterval()) {
    // The last complete interval is made at once, unless it began before the start date.
    const std::optional<Instant> newest = NewestStart(now);
    return start_ ? Latest(newest, AlignedToNext(*start_)) : newest;
  }
  // Nothing is due by a fire before the DAG was active.
  const Instant begin = std::max(BeginOf(progress), progress.active_since);
  const std::optional<Instant> first = AlignedToNext(begin);
  return first && *first <= now ? Latest(first, NewestStart(now)) : first;
}

std::optional<Instant> Timetable::NextInterval(const Progress& progress, Instant now) const {
  const microseconds step = schedule_.interval;
  const microseconds lag = IsInterval() ? step : microseconds(0);  // From logical date to run.
  Instant next{};
  if (progress.last_logical_date) {
    next = *progress.last_logical_date + step;
    if (IsInterval() && progress.last_interval_end) next = *progress.last_interval_end;
    if (start_) next = std::max(next, *start_);
    // One that is merely late keeps its place; after a longer pause there is a new beginning.
    if (!catchup_ && next + lag + step <= now) next = now - lag;
    return next;
  }
  if (catchup_) return BeginOf(progress);
  return start_ ? std::max(*start_, now - lag) : now - lag;
}

std::optional<PlannedRun> Timetable::RunAt(std::optional<Instant> logical_date) const {
  if (!logical_date || (end_ && *logical_date > *end_)) return std::nullopt;
  const Instant at = *logical_date;
  PlannedRun run{.logical_date = at, .interval_start = at, .interval_end = at, .run_after = at};
  if (!IsInterval() || schedule_.kind == ScheduleKind::kOnce) return run;
  const std::optional<Instant> end =
      cron_ ? cron_->NextAfter(at, zone_) : std::optional<Instant>(at + schedule_.interval);
  if (!end) return std::nullopt;
  run.interval_end = run.run_after = *end;
  return run;
}

std::optional<PlannedRun> Timetable::Next(const Progress& progress, Instant now) const {
  switch (schedule_.kind) {
    case ScheduleKind::kNone:
    case ScheduleKind::kOnManifest:
      return std::nullopt;
    case ScheduleKind::kOnce:
      if (progress.last_logical_date) return std::nullopt;
      return RunAt(BeginOf(progress));
    case ScheduleKind::kCron:
      return RunAt(NextCron(progress, now));
    case ScheduleKind::kInterval:
      return RunAt(NextInterval(progress, now));
  }
  return std::nullopt;
}

std::vector<PlannedRun> Timetable::Due(const Progress& progress,
                                       Instant now,
                                       std::size_t limit) const {
  std::vector<PlannedRun> due;
  Progress at = progress;
  while (due.size() < limit) {
    const std::optional<PlannedRun> run = Next(at, now);
    if (!run || run->run_after > now) break;
    due.push_back(*run);
    at.last_logical_date = run->logical_date;
    at.last_interval_end = run->interval_end;
  }
  return due;
}

std::vector<PlannedRun> Timetable::Upcoming(const Progress& progress,
                                            Instant now,
                                            std::size_t count) const {
  std::vector<PlannedRun> runs;
  Progress at = progress;
  Instant clock = now;
  while (runs.size() < count) {
    const std::optional<PlannedRun> run = Next(at, clock);
    if (!run) break;
    runs.push_back(*run);
    at.last_logical_date = run->logical_date;
    at.last_interval_end = run->interval_end;
    clock = std::max(clock, run->run_after);
  }
  return runs;
}

}  // namespace stargaze::orchestrate
