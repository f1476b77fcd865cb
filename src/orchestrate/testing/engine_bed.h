// The engine with scripted bodies, on a real store, in the test's own time.

#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/testing/hand_clock.h"
#include "orchestrate/engine.h"
#include "orchestrate/run_queries.h"

namespace stargaze::orchestrate::testing {

// Bodies begin when they are handed over and end when the test says how.
class HandExecutor final : public Executor {
 public:
  std::size_t Capacity(model::TaskLoad) const override { return 100; }
  void Submit(std::vector<WorkItem> items) override;
  void RequestStop(uint64_t ticket) override { stopped.push_back(ticket); }
  std::vector<WorkDone> TakeDone() override { return std::exchange(done, {}); }
  bool RunAside(std::function<void()> callback) override {
    callback();
    return true;
  }
  void OnDone(std::function<void()>) override {}

  std::map<uint64_t, WorkItem> working{};
  std::vector<uint64_t> stopped{};
  std::vector<WorkDone> done{};
};

// "a" after nothing, "b" after "a": Task("b", {"a"}).
model::DagTask Task(std::string id, std::vector<std::string> after = {});
model::Dag DagOf(std::string dag_id, std::vector<model::DagTask> tasks);

class EngineBed {
 public:
  // In a fresh file of that name in the tests' temporary folder.
  explicit EngineBed(const std::string& name);
  ~EngineBed();
  EngineBed(const EngineBed&) = delete;
  EngineBed& operator=(const EngineBed&) = delete;

  // Of the next (re)start; count_of asks `counts`, by task id.
  SchedulerOptions options{};
  SchedulerPorts ports{};
  std::map<std::string, int> counts{};

  // Opens the store anew, as after a kill: whatever was not committed and every body are gone.
  void Restart();
  // Replaces the DAGs, now and after every restart; gives what was wrong with them.
  std::vector<std::string> Declare(std::vector<model::Dag> dags);

  // Ticks until nothing more is due at this instant.
  void Tick();
  void Advance(std::chrono::seconds by);

  // Triggers a run and ticks; gives its run_id.
  std::string Trigger(const std::string& dag_id, std::optional<Instant> date = std::nullopt);
  // "a b[1]#2": the bodies at work of all runs (map index unless 0, try unless 1), sorted; those
  // asked to stop end in "!".
  std::string Working() const;
  // Ends the body of that name as written by Working, and ticks.
  void End(const std::string& name, Result<Outcome> result);
  void Succeed(const std::string& name) { End(name, Outcome::Success("done")); }
  void Fail(const std::string& name) { End(name, Error(ErrorKind::kInvalidInput, "broken")); }

  // "running: a=success b=running b=none*3": as the store says.
  std::string Stored(const std::string& dag_id, const std::string& run_id);
  std::vector<RunView> Runs(const std::string& dag_id);

  HandClock clock{};
  Random random{1};
  std::vector<Event> events{};  // All that were published.
  std::unique_ptr<HandExecutor> executor{};
  std::unique_ptr<RunStore> store{};
  std::unique_ptr<RunQueries> queries{};
  std::unique_ptr<Engine> engine{};

 private:
  std::vector<std::string> DeclareNow();

  std::string path_;
  std::vector<model::Dag> dags_{};
  std::unique_ptr<EventLog> log_{};
};

}  // namespace stargaze::orchestrate::testing
