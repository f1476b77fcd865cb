#include "orchestrate/active_run.h"

#include <algorithm>
#include <utility>

#include "base/assert.h"

namespace stargaze::orchestrate {

int64_t RunTask::Finished() const {
  return Count(InstanceState::kSuccess) + Count(InstanceState::kFailed) +
         Count(InstanceState::kUpstreamFailed) + Count(InstanceState::kSkipped) +
         Count(InstanceState::kRemoved);
}

int RunTask::RetriesUsed(int map_index) const {
  const auto at = static_cast<std::size_t>(map_index);
  const int free = free_tries.empty() ? 0 : free_tries[at];
  return std::max(tries[at] - free - 1, 0);
}

void RunTask::SetFreeTries(int map_index, int count) {
  if (free_tries.empty()) free_tries.resize(size());
  free_tries[static_cast<std::size_t>(map_index)] = static_cast<uint16_t>(count);
}

int RunTask::NextScheduled() {
  while (fresh < size() && states[fresh] != InstanceState::kScheduled) ++fresh;
  const int next = fresh < size() ? static_cast<int>(fresh) : -1;
  if (again.empty() || (next >= 0 && next < *again.begin())) return next;
  return *again.begin();
}

ActiveRun::ActiveRun(StoredRun run,
                     std::shared_ptr<const DagPlan> plan,
                     const std::vector<int64_t>& numbers)
    : stored(std::move(run)), plan_(std::move(plan)), tasks_(plan_->tasks.size()) {
  is_undecided_.resize(tasks_.size());
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    RunTask& task = tasks_[i];
    task.number = numbers[i];
    task.upstream.total = static_cast<int64_t>(plan_->tasks[i].upstream.size());
    task.expanded = declared(i).for_each.empty();
    task.states.assign(1, InstanceState::kNone);
    task.tries.assign(1, 0);
    CountOf(task.counts, InstanceState::kNone) = 1;
    Undecide(i);
  }
  unfinished_ = static_cast<int64_t>(tasks_.size());
  CountOf(counts_, InstanceState::kNone) = unfinished_;
}

void ActiveRun::Expand(std::size_t index, std::size_t instances) {
  RunTask& task = tasks_[index];
  SG_ASSERT(!task.expanded && instances > 0 && task.states.front() == InstanceState::kNone);
  const auto more = static_cast<int64_t>(instances) - 1;
  task.expanded = true;
  task.states.assign(instances, InstanceState::kNone);
  // The first keeps what was tried and forgiven while it stood for all.
  task.tries.resize(instances, 0);
  if (!task.free_tries.empty()) task.free_tries.resize(instances, 0);
  CountOf(task.counts, InstanceState::kNone) += more;
  CountOf(counts_, InstanceState::kNone) += more;
  unfinished_ += more;
  for (const std::size_t after : plan_->tasks[index].downstream)
    tasks_[after].upstream.total += more;
}

void ActiveRun::Count(
    RunTask& task, std::size_t index, InstanceState from, InstanceState to, int64_t count) {
  CountOf(task.counts, from) -= count;
  CountOf(task.counts, to) += count;
  CountOf(counts_, from) -= count;
  CountOf(counts_, to) += count;
  if (!IsFinished(from) && !IsFinished(to)) return;
  unfinished_ += (IsFinished(from) ? count : 0) - (IsFinished(to) ? count : 0);
  for (const std::size_t after : plan_->tasks[index].downstream) {
    tasks_[after].upstream.Move(from, to, count);
    // What has ended only changes by somebody's hand: then what has not begun is decided anew.
    if (tasks_[after].decision == Decision::kWait || IsFinished(from)) Undecide(after);
  }
}

void ActiveRun::SetState(std::size_t index, int map_index, InstanceState to) {
  RunTask& task = tasks_[index];
  InstanceState& state = task.states[static_cast<std::size_t>(map_index)];
  if (state == to) return;
  const InstanceState from = std::exchange(state, to);
  Count(task, index, from, to, 1);
}

int64_t ActiveRun::SetAll(std::size_t index, InstanceState from, InstanceState to) {
  RunTask& task = tasks_[index];
  const int64_t count = task.Count(from);
  if (count == 0 || from == to) return 0;
  std::replace(task.states.begin(), task.states.end(), from, to);
  Count(task, index, from, to, count);
  return count;
}

void ActiveRun::Undecide(std::size_t index) {
  tasks_[index].decision = Decision::kWait;
  if (is_undecided_[index]) return;
  is_undecided_[index] = true;
  undecided_.push_back(index);
}

std::vector<std::size_t> ActiveRun::TakeUndecided() {
  for (const std::size_t index : undecided_) is_undecided_[index] = false;
  return std::exchange(undecided_, {});
}

bool ActiveRun::Moves() const {
  return InState(InstanceState::kScheduled) + InState(InstanceState::kQueued) +
             InState(InstanceState::kRunning) + InState(InstanceState::kUpForRetry) +
             InState(InstanceState::kUpForReschedule) >
         0;
}

DagRunState ActiveRun::Verdict() const {
  for (std::size_t i = 0; i < tasks_.size(); ++i) {
    const RunTask& task = tasks_[i];
    if (plan_->tasks[i].leaf() &&
        task.Count(InstanceState::kFailed) + task.Count(InstanceState::kUpstreamFailed) > 0)
      return DagRunState::kFailed;
  }
  return DagRunState::kSuccess;
}

}  // namespace stargaze::orchestrate
