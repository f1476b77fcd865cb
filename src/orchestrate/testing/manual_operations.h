// People in the simulation: what they do at random, and what must then hold.

#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "orchestrate/engine.h"
#include "orchestrate/run_queries.h"
#include "orchestrate/testing/simulated_world.h"

namespace stargaze::orchestrate::testing {

using RunName = std::pair<std::string, std::string>;  // DAG, run.

// What has been said and done. What a crash takes back was never answered.
struct Expectations {
  std::map<Key, int> successes{};         // Since the instance was last cleared.
  std::map<Key, InstanceState> marked{};  // How they must end.
  std::set<RunName> cancelled{};          // Must end as failed.
  std::set<std::string> paused{};
  std::map<std::string, int> slots{};
  struct Backfill {
    int max_active_runs = 1;
    BackfillState state = BackfillState::kRunning;
  };
  std::map<int64_t, Backfill> backfills{};
  bool reprocesses = false;  // Some backfill clears runs by itself.
};

class ManualOperations {
 public:
  ManualOperations(World& world, const std::vector<model::Dag>& dags, const std::string& path);

  // Once the dice are there: some worlds are busier than others.
  void Begin();
  // After every (re)start; `path`'s store is open.
  Status Booted(Engine& engine);
  // Perhaps somebody does something; before a tick.
  void Perhaps();
  // Whoever paused or filled something undoes it, so that everything can end.
  void Restore();
  // The tick's commit is on disk, and with it what was done before it.
  void Committed();
  void Succeeded(const Key& key);

  // As it holds if nothing crashes from now on.
  const Expectations& now() const { return now_; }
  bool IsBeingCleared(const Key& key) const { return clearing_.contains(key); }
  void Stopped(const Key& key) { clearing_.erase(key); }
  int64_t done() const { return done_; }

 private:
  using States = std::map<std::string, std::vector<InstanceState>>;  // By task.

  void DoOne();
  void ClearOrMark();
  void Cancel();
  void Trigger();
  void Pause();
  void SetPool();
  void Backfill();
  void ChangeBackfill();
  Selection RandomSelection(const RunView& run);
  std::vector<RunView> RunsOf(const Selection& selection, const RunView& run);
  // The instances that a selection means in one run, by task.
  std::map<std::string, std::vector<int>> Meant(const Selection& selection,
                                                const States& states,
                                                std::optional<InstanceState> but);
  States StatesOf(const RunView& run);
  void Compare(const Affected& affected,
               const std::vector<std::pair<RunView, States>>& runs,
               const Selection& selection,
               std::optional<InstanceState> but);
  void Take(const Key& key, InstanceState state, std::optional<InstanceState> mark);
  void Forget(const RunName& run);
  // A backfill may have had runs cleared that nobody has named.
  void NoteReprocessed();
  std::vector<RunView> Runs(RunFilter filter);
  void Allow(const Error& error);
  const model::Dag& RandomDag();

  World& world_;
  const std::vector<model::Dag>& dags_;
  const std::string path_;
  Engine* engine_ = nullptr;
  std::unique_ptr<RunQueries> queries_{};
  Expectations now_{};
  Expectations durable_{};
  bool changed_ = false;
  int64_t done_ = 0;
  uint64_t one_in_ = 15;          // Ticks.
  std::set<Key> clearing_{};      // Work still, although somebody has cleared them.
  std::set<RunName> by_hand_{};   // Cleared or marked since the last commit.
  std::set<RunName> requeued_{};  // Waited to run again at the last commit.
};

}  // namespace stargaze::orchestrate::testing
