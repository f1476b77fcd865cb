// Who did it: a run of a pipeline, a task instance in it, and one attempt at that.

#pragma once

#include <string>

#include "base/instant.h"
#include "base/random.h"

namespace stargaze::model {

// run_id is scheduled__20260901T115000Z, manual__… or backfill__…; dag_id and task_id have no dot.
struct Run {
  std::string dag_id{};
  std::string run_id{};
  Instant logical_date{};
};

std::string ScheduledRunId(Instant logical_date);
std::string ManualRunId(Instant logical_date);
std::string BackfillRunId(Instant logical_date);
bool IsBackfill(const Run& run);  // By its run_id.

struct TaskInstance {
  Run run{};
  std::string task_id{};
  int map_index = 0;

  // "<dag>.<run_id>.<task>.<map>": what the names of all its attempts begin with.
  std::string Name() const;
};

// One try; an outside engine may repeat a try, so 8 random hex digits tell two of them apart.
// Name() is in every object that the attempt writes: "<dag>.<run_id>.<task>.<map>.<try>-<hex>".
struct Attempt {
  TaskInstance instance{};
  int try_number = 1;
  std::string hex{};

  std::string Name() const;
};

Attempt NewAttempt(TaskInstance instance, int try_number, Random& random);

}  // namespace stargaze::model
