#include "orchestrate/testing/manual_operations.h"

#include <fmt/core.h>

#include <algorithm>

#include "orchestrate/dag_plan.h"

namespace stargaze::orchestrate::testing {
namespace {

using std::chrono::seconds;

const ManualAction kAction{.who = "sim", .reason = "chance"};

RunName NameOf(const RunView& run) {
  return {run.run.dag_id, run.run.run_id};
}

}  // namespace

ManualOperations::ManualOperations(World& world,
                                   const std::vector<model::Dag>& dags,
                                   const std::string& path)
    : world_(world), dags_(dags), path_(path) {
  now_.slots = {{"default_pool", 6}, {"small", 2}};
  durable_ = now_;
}

void ManualOperations::Begin() {
  one_in_ = 2 + world_.Roll(30);
}

Status ManualOperations::Booted(Engine& engine) {
  engine_ = &engine;
  now_ = durable_;
  changed_ = false;
  clearing_.clear();
  by_hand_.clear();
  SG_TRY(queries_, RunQueries::Open(path_));
  return Ok();
}

void ManualOperations::Committed() {
  NoteReprocessed();
  by_hand_.clear();
  if (changed_) durable_ = now_;
  changed_ = false;
}

void ManualOperations::Succeeded(const Key& key) {
  if (++now_.successes[key] > 1)
    world_.Break(fmt::format("{} {} {} {} succeeded twice",
                             std::get<0>(key),
                             std::get<1>(key),
                             std::get<2>(key),
                             std::get<3>(key)));
  durable_.successes[key] = now_.successes[key];
}

std::vector<RunView> ManualOperations::Runs(RunFilter filter) {
  filter.limit = 1000;
  auto page = queries_->Runs(filter);
  if (page.ok() && !page.value().next) return std::move(page.value().runs);
  world_.Break("the runs cannot be listed");
  return {};
}

const model::Dag& ManualOperations::RandomDag() {
  return dags_[world_.Roll(dags_.size())];
}

void ManualOperations::Perhaps() {
  if (world_.OneIn(one_in_)) DoOne();
}

void ManualOperations::DoOne() {
  ++done_;
  switch (world_.Roll(16)) {
    case 0:
    case 1:
      return Cancel();
    case 2:
      return Trigger();
    case 3:
    case 4:
      return Pause();
    case 5:
      return SetPool();
    case 6:
      return Backfill();
    case 7:
      return ChangeBackfill();
    default:
      return ClearOrMark();
  }
}

void ManualOperations::Restore() {
  for (const std::string& dag : std::set<std::string>(now_.paused))
    if (!engine_->SetPaused(dag, false, kAction).ok()) world_.Break("a DAG cannot be resumed");
  now_.paused.clear();
  for (auto& [number, backfill] : now_.backfills) {
    if (backfill.state != BackfillState::kPaused) continue;
    // It may have ended meanwhile: then it is not found.
    (void)engine_->SetBackfillState(number, BackfillState::kRunning, kAction);
    backfill.state = BackfillState::kRunning;
  }
  for (const PoolSetting& pool :
       {PoolSetting{"default_pool", 6, ""}, PoolSetting{"small", 2, ""}}) {
    if (!engine_->SetPool(pool, kAction).ok()) world_.Break("a pool cannot be set");
    now_.slots[pool.name] = pool.slots;
  }
  changed_ = true;
}

// Refusals that what others do at the same time explains.
void ManualOperations::Allow(const Error& error) {
  if (error.kind() != ErrorKind::kConflict) world_.Break("refused: " + error.message());
}

Selection ManualOperations::RandomSelection(const RunView& run) {
  const model::Dag& dag = *std::ranges::find(dags_, run.run.dag_id, &model::Dag::dag_id);
  Selection selection{.dag_id = run.run.dag_id, .run_id = run.run.run_id};
  for (uint64_t i = world_.Roll(3); i > 0; --i)
    selection.task_ids.push_back(dag.tasks[world_.Roll(dag.tasks.size())].id);
  if (!selection.task_ids.empty() && world_.OneIn(3))
    selection.map_index = static_cast<int>(world_.Roll(3));
  selection.upstream = world_.OneIn(4);
  selection.downstream = world_.OneIn(2);
  selection.past = world_.OneIn(8);
  selection.future = world_.OneIn(8);
  selection.only_failed = world_.OneIn(3);
  return selection;
}

std::vector<RunView> ManualOperations::RunsOf(const Selection& selection, const RunView& run) {
  if (!selection.past && !selection.future) return {run};
  RunFilter filter{.dag_id = selection.dag_id};
  if (!selection.past) filter.logical_from = run.run.logical_date;
  if (!selection.future) filter.logical_to = run.run.logical_date;
  return Runs(filter);
}

ManualOperations::States ManualOperations::StatesOf(const RunView& run) {
  States states;
  if (const auto active = engine_->runs().find(run.number); active != engine_->runs().end()) {
    for (std::size_t i = 0; i < active->second->size(); ++i)
      states[active->second->declared(i).id] = active->second->task(i).states;
    return states;
  }
  const auto counts = queries_->Counts(run.run.dag_id, run.run.run_id);
  const auto rows = queries_->Instances(run.run.dag_id, run.run.run_id, {.limit = 1000});
  if (!counts.ok() || !rows.ok()) world_.Break("a run cannot be read");
  if (!counts.ok() || !rows.ok()) return states;
  const model::Dag& dag = *std::ranges::find(dags_, run.run.dag_id, &model::Dag::dag_id);
  for (const model::DagTask& task : dag.tasks) {
    const auto found = counts.value().find(task.id);
    StateCounts rest = found == counts.value().end() ? StateCounts{} : found->second;
    std::size_t size = 0;
    for (const int64_t count : rest) size += static_cast<std::size_t>(count);
    for (const InstanceView& row : rows.value())
      if (row.task_id == task.id) --CountOf(rest, row.state);
    InstanceState others = InstanceState::kNone;
    for (std::size_t i = 0; i < rest.size(); ++i)
      if (rest[i] > 0) others = static_cast<InstanceState>(i);
    states[task.id].assign(std::max<std::size_t>(size, 1), others);
    for (const InstanceView& row : rows.value())
      if (row.task_id == task.id)
        states[task.id].at(static_cast<std::size_t>(row.map_index)) = row.state;
  }
  return states;
}

std::map<std::string, std::vector<int>> ManualOperations::Meant(const Selection& selection,
                                                                const States& states,
                                                                std::optional<InstanceState> but) {
  const auto plan = PlanDag(*std::ranges::find(dags_, selection.dag_id, &model::Dag::dag_id));
  std::vector<std::size_t> tasks;
  for (std::size_t i = 0; i < plan.value()->tasks.size(); ++i) {
    const std::string& id = plan.value()->dag.tasks[i].id;
    if (selection.task_ids.empty() || std::ranges::count(selection.task_ids, id) > 0)
      tasks.push_back(i);
  }
  std::map<std::string, std::vector<int>> meant;
  for (const std::size_t index :
       plan.value()->Closure(tasks, selection.upstream, selection.downstream)) {
    const std::string& id = plan.value()->dag.tasks[index].id;
    const bool is_named = std::ranges::count(selection.task_ids, id) > 0;
    const std::vector<InstanceState>& of_task = states.at(id);
    for (int i = 0; i < static_cast<int>(of_task.size()); ++i) {
      const InstanceState state = of_task[static_cast<std::size_t>(i)];
      const bool failed =
          state == InstanceState::kFailed || state == InstanceState::kUpstreamFailed;
      if (is_named && selection.map_index && *selection.map_index != i) continue;
      if ((selection.only_failed && !failed) || state == but) continue;
      meant[id].push_back(i);
    }
  }
  return meant;
}

void ManualOperations::Take(const Key& key,
                            InstanceState state,
                            std::optional<InstanceState> mark) {
  if (mark) {
    now_.marked[key] = *mark;
    clearing_.erase(key);
    return;
  }
  now_.successes.erase(key);
  now_.marked.erase(key);
  if (HoldsSlots(state)) clearing_.insert(key);
}

void ManualOperations::Compare(const Affected& affected,
                               const std::vector<std::pair<RunView, States>>& runs,
                               const Selection& selection,
                               std::optional<InstanceState> mark) {
  int64_t expected = 0;
  for (const auto& [run, states] : runs) {
    const auto meant = Meant(selection, states, mark);
    for (const auto& [task, instances] : meant) {
      expected += static_cast<int64_t>(instances.size());
      for (const int map_index : instances)
        Take({run.run.dag_id, run.run.run_id, task, map_index},
             states.at(task)[static_cast<std::size_t>(map_index)],
             mark);
    }
    if (meant.empty()) continue;
    by_hand_.insert(NameOf(run));
    if (IsFinished(run.state)) now_.cancelled.erase(NameOf(run));
  }
  if (expected != affected.instances)
    world_.Break(
        fmt::format("{} instances were affected, {} are meant", affected.instances, expected));
  changed_ = true;
}

void ManualOperations::ClearOrMark() {
  const std::vector<RunView> all = Runs({.dag_id = RandomDag().dag_id});
  if (all.empty()) return;
  const RunView& run = all[world_.Roll(std::min<std::size_t>(all.size(), 8))];
  const Selection selection = RandomSelection(run);
  std::vector<std::pair<RunView, States>> runs;
  for (const RunView& one : RunsOf(selection, run)) runs.emplace_back(one, StatesOf(one));
  std::optional<InstanceState> mark;
  if (world_.OneIn(3)) mark = world_.OneIn(2) ? InstanceState::kSuccess : InstanceState::kFailed;
  const bool dry_run = world_.OneIn(8);
  const auto affected = mark ? engine_->Mark(selection, *mark, kAction, dry_run)
                             : engine_->Clear(selection, kAction, dry_run);
  if (!affected.ok()) return Allow(affected.error());
  if (!dry_run) Compare(affected.value(), runs, selection, mark);
}

void ManualOperations::Cancel() {
  std::vector<RunView> all = Runs({});
  std::erase_if(all, [](const RunView& run) { return IsFinished(run.state); });
  if (all.empty()) return;
  const RunView& run = all[world_.Roll(all.size())];
  const Status done = engine_->Cancel(run.run.dag_id, run.run.run_id, kAction);
  if (!done.ok()) return Allow(done.error());
  now_.cancelled.insert(NameOf(run));
  changed_ = true;
}

void ManualOperations::Trigger() {
  const Instant date = world_.clock.Now() - seconds(world_.Roll(7200));
  const auto run = engine_->Trigger({.dag_id = RandomDag().dag_id, .logical_date = date}, kAction);
  if (!run.ok()) Allow(run.error());
}

void ManualOperations::Pause() {
  const std::string& dag = RandomDag().dag_id;
  const bool pauses = !now_.paused.contains(dag) && world_.OneIn(2);
  if (!engine_->SetPaused(dag, pauses, kAction).ok()) world_.Break("a DAG cannot be paused");
  now_.paused.erase(dag);
  if (pauses) now_.paused.insert(dag);
  changed_ = true;
}

void ManualOperations::SetPool() {
  const std::string pool = world_.OneIn(2) ? "small" : "default_pool";
  const auto slots = static_cast<int>(world_.Roll(8));
  const Status done = engine_->SetPool({pool, slots, ""}, kAction);
  if (!done.ok()) return Allow(done.error());
  now_.slots[pool] = slots;
  changed_ = true;
}

void ManualOperations::Backfill() {
  const model::Dag& dag = RandomDag();
  BackfillRequest request{.dag_id = dag.dag_id,
                          .from = *dag.start_date + seconds(world_.Roll(3600)),
                          .backwards = world_.OneIn(3),
                          .max_active_runs = static_cast<int>(1 + world_.Roll(3)),
                          .reprocess = static_cast<Reprocess>(world_.Roll(3)),
                          .dry_run = world_.OneIn(6)};
  request.to = request.from + seconds(world_.Roll(3600));
  const auto plan = engine_->Backfill(request, kAction);
  // No date in the range, or backwards although a task depends on its past.
  if (!plan.ok() && plan.error().kind() == ErrorKind::kInvalidInput) return;
  if (!plan.ok()) return Allow(plan.error());
  if (request.dry_run) return;
  now_.backfills[plan.value().number] = {.max_active_runs = request.max_active_runs};
  if (request.reprocess != Reprocess::kNone && !now_.reprocesses) {
    now_.reprocesses = true;
    for (const RunView& run : Runs({.state = DagRunState::kQueued})) requeued_.insert(NameOf(run));
  }
  changed_ = true;
}

void ManualOperations::ChangeBackfill() {
  if (now_.backfills.empty()) return;
  auto at = now_.backfills.begin();
  std::advance(at, world_.Roll(now_.backfills.size()));
  constexpr std::array kStates{
      BackfillState::kRunning, BackfillState::kPaused, BackfillState::kCancelled};
  const BackfillState state = kStates[world_.Roll(kStates.size())];
  const Status done = engine_->SetBackfillState(at->first, state, kAction);
  if (!done.ok() && done.error().kind() == ErrorKind::kNotFound) return;  // It has ended.
  if (!done.ok()) return Allow(done.error());
  if (at->second.state == BackfillState::kCancelled && state != BackfillState::kCancelled)
    world_.Break("a cancelled backfill has been revived");
  at->second.state = state;
  changed_ = true;
}

void ManualOperations::Forget(const RunName& run) {
  const auto is_of_run = [&](const auto& entry) {
    return std::get<0>(entry.first) == run.first && std::get<1>(entry.first) == run.second;
  };
  std::erase_if(now_.successes, is_of_run);
  std::erase_if(now_.marked, is_of_run);
  now_.cancelled.erase(run);
  changed_ = true;
}

void ManualOperations::NoteReprocessed() {
  if (!now_.reprocesses) return;
  std::set<RunName> waiting;
  for (const RunView& run : Runs({.state = DagRunState::kQueued})) {
    if (!run.started_at) continue;  // It has not run yet.
    const RunName name = NameOf(run);
    waiting.insert(name);
    if (!requeued_.contains(name) && !by_hand_.contains(name)) Forget(name);
  }
  requeued_ = std::move(waiting);
}

}  // namespace stargaze::orchestrate::testing
