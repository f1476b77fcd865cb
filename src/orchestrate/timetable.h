// Which runs a DAG's schedule asks for, and when each is made.

#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <vector>

#include "base/instant.h"
#include "base/result.h"
#include "model/dag.h"
#include "orchestrate/cron.h"
#include "orchestrate/zone.h"

namespace stargaze::orchestrate {

// A run as the schedule asks for it. Trigger semantics: all four are one instant.
struct PlannedRun {
  Instant logical_date{};
  Instant interval_start{};  // Of the data.
  Instant interval_end{};
  Instant run_after{};  // The run is made once this has come.

  friend bool operator==(const PlannedRun&, const PlannedRun&) = default;
};

// How far the scheduled runs of a DAG have come; runs by hand do not count.
struct Progress {
  std::optional<Instant> last_logical_date{};
  std::optional<Instant> last_interval_end{};  // Absent: as the schedule of today has it.
  Instant active_since{};  // When the DAG was first seen unpaused; matters until it has a run.
};

// Airflow's timetables: CronDataInterval and DeltaDataInterval (interval semantics), CronTrigger
// and DeltaTrigger (trigger semantics). Without catchup only the newest run is made of those that
// were missed: of cron the newest complete interval or the newest fire, of an interval one that
// ends now. A DAG without a start date begins when it is active; under interval semantics without
// catchup that is with the last interval that was complete by then. A value; safe for concurrent
// use.
class Timetable {
 public:
  // kInvalidInput for a schedule that is malformed or never fires, for a time zone that there is
  // not, and for an end before the start.
  static Result<Timetable> Create(const model::Dag& dag);

  // The run after those that there are; nullopt when none follows. It is due when run_after <= now.
  std::optional<PlannedRun> Next(const Progress& progress, Instant now) const;
  // The runs due now, oldest first, at most `limit` of them.
  std::vector<PlannedRun> Due(const Progress& progress, Instant now, std::size_t limit) const;
  // The next runs as time goes on, those overdue first.
  std::vector<PlannedRun> Upcoming(const Progress& progress, Instant now, std::size_t count) const;

 private:
  explicit Timetable(const model::Dag& dag);

  bool IsInterval() const { return semantics_ == model::TimeSemantics::kInterval; }
  Instant BeginOf(const Progress& progress) const;
  std::optional<Instant> AlignedToNext(Instant instant) const;  // Not before `instant`.
  std::optional<Instant> NextCron(const Progress& progress, Instant now) const;
  std::optional<Instant> NewestStart(Instant now) const;
  std::optional<Instant> NextInterval(const Progress& progress, Instant now) const;
  std::optional<PlannedRun> RunAt(std::optional<Instant> logical_date) const;

  model::Schedule schedule_;
  model::TimeSemantics semantics_;
  std::optional<Instant> start_;
  std::optional<Instant> end_;
  bool catchup_;
  std::optional<CronSchedule> cron_{};  // kCron
  Zone zone_{};
};

}  // namespace stargaze::orchestrate
