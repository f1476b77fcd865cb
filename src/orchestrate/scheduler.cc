#include "orchestrate/scheduler.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <mutex>
#include <thread>
#include <utility>

#include "orchestrate/dag_plan.h"
#include "orchestrate/engine.h"
#include "orchestrate/event_log.h"
#include "orchestrate/stored_views.h"

namespace stargaze::orchestrate {
namespace {

using std::chrono::seconds;

constexpr seconds kAnswerWithin{30};
constexpr const char* kThreadName = "scheduler";  // As debuggers and top show it.
constexpr std::size_t kMaxCalls = 10'000;         // That wait for the scheduler's thread.

Status Checked(const ManualAction& action) {
  if (!action.who.empty()) return Ok();
  return Error(ErrorKind::kInvalidInput, "nobody is named as the one who does this");
}

}  // namespace

struct Scheduler::Impl {
  Impl(SchedulerOptions given, SchedulerPorts given_ports, Clock& given_clock)
      : options(std::move(given)),
        ports(std::move(given_ports)),
        clock(given_clock),
        log(options.max_events_kept, given_clock) {}

  SchedulerOptions options;
  SchedulerPorts ports;
  Clock& clock;
  EventLog log;
  std::unique_ptr<RunStore> store{};
  std::unique_ptr<RunQueries> queries{};
  std::unique_ptr<Engine> engine{};

  std::mutex engine_mutex{};  // Held by whoever works in the engine.
  std::mutex mutex{};         // Of what follows.
  struct Waiting {
    std::function<void()> run{};
    bool reads = false;  // The store: what is noted must have been committed.
  };
  std::vector<Waiting> calls{};
  std::stop_source wake{};
  bool pending = false;  // Something waits: do not sleep.
  std::atomic<bool> started{false};
  std::jthread thread{};
  Executor* executor = nullptr;

  void Wake() {
    const std::lock_guard lock(mutex);
    pending = true;
    wake.request_stop();
  }

  bool NoCalls() {
    const std::lock_guard lock(mutex);
    return calls.empty();
  }

  // In the order in which they came. One that reads the store when something is noted goes, with
  // those behind it, after the commit of the next tick: a tick's changes become durable together.
  void RunCalls() {
    std::vector<Waiting> taken;
    {
      const std::lock_guard lock(mutex);
      taken = std::exchange(calls, {});
      pending = false;
      wake = std::stop_source();
    }
    for (auto call = taken.begin(); call != taken.end(); ++call) {
      if (call->reads && store->HasNotes()) {
        const std::lock_guard lock(mutex);
        calls.insert(
            calls.begin(), std::make_move_iterator(call), std::make_move_iterator(taken.end()));
        return;
      }
      call->run();
    }
  }

  void Loop(const std::stop_token& stop) {
    const std::stop_callback wakes(stop, [this] { Wake(); });
    while (!stop.stop_requested()) {
      Instant next;
      bool may_read = false;  // False while the store cannot be written: wait as the engine says.
      {
        const std::lock_guard lock(engine_mutex);
        RunCalls();
        engine->Tick();
        next = engine->NextWake();
        may_read = !store->HasNotes();
      }
      std::stop_token woken;
      {
        const std::lock_guard lock(mutex);
        if (pending || (!calls.empty() && may_read)) continue;
        woken = wake.get_token();
      }
      if (next > clock.Now()) (void)clock.SleepUntil(next, woken);
    }
  }

  // Runs `body` in the engine and gives what it gave; a change only once it is on disk.
  template <typename Body>
  auto Call(Body body, bool changes, bool reads = false) -> decltype(body(*engine)) {
    using Answer = decltype(body(*engine));
    if (!started) {
      const std::lock_guard lock(engine_mutex);
      if (reads) SG_RETURN_IF_ERROR(store->Commit());
      Answer answer = body(*engine);
      if (changes) SG_RETURN_IF_ERROR(store->Commit());
      return answer;
    }
    auto promise = std::make_shared<std::promise<Answer>>();
    std::future<Answer> future = promise->get_future();
    {
      const std::lock_guard lock(mutex);
      if (calls.size() >= kMaxCalls)
        return Error(ErrorKind::kExhausted, "too many calls wait for the scheduler");
      auto run = [this, promise, changes, body = std::move(body)]() mutable {
        auto answer = std::make_shared<Answer>(body(*engine));
        if (!changes || !answer->ok()) return promise->set_value(std::move(*answer));
        engine->AfterCommit([promise, answer] { promise->set_value(std::move(*answer)); });
      };
      calls.push_back({.run = std::move(run), .reads = reads});
      pending = true;
      wake.request_stop();
    }
    if (future.wait_for(kAnswerWithin) == std::future_status::ready) return future.get();
    return Error(ErrorKind::kTimeout, "the scheduler does not answer; the change may still come")
        .Remedy("look at its health: a full disk, or a port that waits");
  }
};

Scheduler::Scheduler(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Scheduler::~Scheduler() {
  Stop(impl_->clock.Now());
  impl_->executor->OnDone({});
}

Result<std::unique_ptr<Scheduler>> Scheduler::Open(const RunStoreOptions& store,
                                                   SchedulerOptions options,
                                                   SchedulerPorts ports,
                                                   Clock& clock,
                                                   Random& random,
                                                   Executor& executor) {
  auto impl = std::make_unique<Impl>(std::move(options), std::move(ports), clock);
  SG_TRY(impl->store, RunStore::Open(store));
  SG_TRY(impl->queries, RunQueries::Open(store.path));
  impl->engine = std::make_unique<Engine>(
      *impl->store, impl->options, impl->ports, clock, random, executor, impl->log);
  SG_RETURN_IF_ERROR(impl->engine->Load());
  Impl* raw = impl.get();
  impl->executor = &executor;
  executor.OnDone([raw] { raw->Wake(); });
  return std::unique_ptr<Scheduler>(new Scheduler(std::move(impl)));
}

std::vector<Error> Scheduler::SetDags(std::vector<model::Dag> dags) {
  std::vector<Error> errors;
  std::vector<Engine::Declared> declared;
  for (model::Dag& dag : dags) {
    const std::string dag_id = dag.dag_id;
    auto plan = PlanDag(std::move(dag));
    auto bodies = std::make_shared<std::vector<TaskBody>>();
    std::optional<Error> failed;
    if (!plan.ok()) failed = plan.error();
    for (std::size_t i = 0; plan.ok() && i < plan.value()->dag.tasks.size() && !failed; ++i) {
      auto body = impl_->ports.body_of(plan.value()->dag, plan.value()->dag.tasks[i]);
      if (!body.ok()) {
        failed =
            Error(body.error()).While("DAG " + dag_id + ", task " + plan.value()->dag.tasks[i].id);
      } else {
        bodies->push_back(std::move(body).value());
      }
    }
    if (!failed) {
      declared.push_back({.plan = std::move(plan).value(), .bodies = std::move(bodies)});
      continue;
    }
    errors.push_back(std::move(*failed));
    // Left as it was.
    auto old = impl_->Call([dag_id](Engine& engine) { return engine.Redeclare(dag_id); }, false);
    if (old.ok() && old.value()) declared.push_back(std::move(*old.value()));
  }
  auto more = impl_->Call(
      [declared = std::move(declared)](Engine& engine) -> Result<std::vector<Error>> {
        return engine.SetDags(declared);
      },
      true);
  if (!more.ok()) errors.push_back(more.error());
  if (more.ok()) errors.insert(errors.end(), more.value().begin(), more.value().end());
  return errors;
}

void Scheduler::Start() {
  if (impl_->started.exchange(true)) return;
  impl_->thread = std::jthread([this](const std::stop_token& stop) { impl_->Loop(stop); });
  pthread_setname_np(impl_->thread.native_handle(), kThreadName);
}

void Scheduler::Run(const std::stop_token& stop) {
  if (impl_->started.exchange(true)) return;
  impl_->Loop(stop);
}

void Scheduler::Stop(Instant deadline) {
  if (!impl_->started.exchange(false)) return;
  if (impl_->thread.joinable()) {
    impl_->thread.request_stop();
    impl_->thread.join();
  }
  const std::lock_guard lock(impl_->engine_mutex);
  impl_->engine->BeginStop();
  while (true) {
    impl_->RunCalls();
    std::stop_token woken;
    {
      const std::lock_guard inner(impl_->mutex);
      impl_->pending = false;
      impl_->wake = std::stop_source();
      woken = impl_->wake.get_token();
    }
    impl_->engine->Tick();
    const bool done = impl_->engine->flights() == 0 && impl_->NoCalls();
    if (done || impl_->clock.Now() >= deadline) break;
    (void)impl_->clock.SleepUntil(std::min(deadline, impl_->engine->NextWake()), woken);
  }
}

Result<RunView> Scheduler::Trigger(const TriggerRequest& request, const ManualAction& action) {
  SG_RETURN_IF_ERROR(Checked(action));
  return impl_->Call([=](Engine& engine) { return engine.Trigger(request, action); }, true);
}

Status Scheduler::ManifestPublished(const std::string& dataset, const std::string& manifest) {
  return impl_->Call([=](Engine& engine) { return engine.ManifestPublished(dataset, manifest); },
                     true);
}

Result<Affected> Scheduler::Clear(const Selection& selection,
                                  const ManualAction& action,
                                  bool dry_run) {
  SG_RETURN_IF_ERROR(Checked(action));
  return impl_->Call(
      [=](Engine& engine) { return engine.Clear(selection, action, dry_run); }, true, true);
}

Result<Affected> Scheduler::Mark(const Selection& selection,
                                 InstanceState state,
                                 const ManualAction& action,
                                 bool dry_run) {
  SG_RETURN_IF_ERROR(Checked(action));
  return impl_->Call(
      [=](Engine& engine) { return engine.Mark(selection, state, action, dry_run); }, true, true);
}

Result<Affected> Scheduler::Retry(const std::string& dag_id,
                                  const std::string& run_id,
                                  const ManualAction& action) {
  return Clear({.dag_id = dag_id, .run_id = run_id, .only_failed = true}, action, false);
}

Status Scheduler::Cancel(const std::string& dag_id,
                         const std::string& run_id,
                         const ManualAction& action) {
  SG_RETURN_IF_ERROR(Checked(action));
  return impl_->Call([=](Engine& engine) { return engine.Cancel(dag_id, run_id, action); }, true);
}

Status Scheduler::SetPaused(const std::string& dag_id, bool paused, const ManualAction& action) {
  SG_RETURN_IF_ERROR(Checked(action));
  return impl_->Call([=](Engine& engine) { return engine.SetPaused(dag_id, paused, action); },
                     true);
}

Status Scheduler::SetPool(const PoolSetting& pool, const ManualAction& action) {
  SG_RETURN_IF_ERROR(Checked(action));
  return impl_->Call([=](Engine& engine) { return engine.SetPool(pool, action); }, true);
}

Status Scheduler::DeletePool(const std::string& name, const ManualAction& action) {
  SG_RETURN_IF_ERROR(Checked(action));
  return impl_->Call([=](Engine& engine) { return engine.DeletePool(name, action); }, true);
}

Status Scheduler::SetVariable(const std::string& name,
                              const std::string& value,
                              const ManualAction& action) {
  SG_RETURN_IF_ERROR(Checked(action));
  return impl_->Call(
      [=](Engine& engine) -> Status {
        engine.SetVariable(name, value, action);
        return Ok();
      },
      true);
}

Status Scheduler::DeleteVariable(const std::string& name, const ManualAction& action) {
  SG_RETURN_IF_ERROR(Checked(action));
  return impl_->Call(
      [=](Engine& engine) -> Status {
        engine.DeleteVariable(name, action);
        return Ok();
      },
      true);
}

Result<BackfillPlan> Scheduler::Backfill(const BackfillRequest& request,
                                         const ManualAction& action) {
  SG_RETURN_IF_ERROR(Checked(action));
  return impl_->Call([=](Engine& engine) { return engine.Backfill(request, action); }, true);
}

Status Scheduler::SetBackfillState(int64_t number,
                                   BackfillState state,
                                   const ManualAction& action) {
  SG_RETURN_IF_ERROR(Checked(action));
  return impl_->Call([=](Engine& engine) { return engine.SetBackfillState(number, state, action); },
                     true);
}

HealthView Scheduler::Health() const {
  HealthView view = impl_->engine->GetHealth();
  view.started = impl_->started;
  if (!view.started) view.stands_still = true;
  return view;
}

Result<std::vector<DagView>> Scheduler::Dags() const {
  return impl_->Call(
      [](Engine& engine) -> Result<std::vector<DagView>> { return engine.GetDags(); }, false);
}

Result<std::vector<PoolView>> Scheduler::Pools() const {
  return impl_->Call(
      [](Engine& engine) -> Result<std::vector<PoolView>> { return engine.GetPools(); }, false);
}

Result<std::vector<TaskView>> Scheduler::Tasks(const std::string& dag_id,
                                               const std::string& run_id) const {
  using Active = std::optional<std::vector<TaskView>>;
  SG_TRY(
      Active active,
      impl_->Call([=](Engine& engine) -> Result<Active> { return engine.GetTasks(dag_id, run_id); },
                  false));
  if (active) return std::move(*active);
  SG_TRY(auto counts, impl_->queries->Counts(dag_id, run_id));
  const std::optional<model::Dag> dag = FindDag(dag_id);
  return StoredTasks(dag ? &*dag : nullptr, std::move(counts));
}

std::optional<model::Dag> Scheduler::FindDag(const std::string& dag_id) const {
  using Plan = std::shared_ptr<const DagPlan>;
  const auto plan =
      impl_->Call([=](Engine& engine) -> Result<Plan> { return engine.FindPlan(dag_id); }, false);
  if (!plan.ok() || plan.value() == nullptr) return std::nullopt;
  return plan.value()->dag;
}

std::vector<Event> Scheduler::EventsAfter(int64_t id,
                                          std::size_t limit,
                                          Instant deadline,
                                          const std::stop_token& stop) const {
  return impl_->log.WaitAfter(id, limit, deadline, stop);
}

Result<DagRunState> Scheduler::WaitUntilEnded(const std::string& dag_id,
                                              const std::string& run_id,
                                              Instant deadline,
                                              const std::stop_token& stop) const {
  int64_t seen = 0;
  while (true) {
    SG_TRY(const RunView run, impl_->queries->Run(dag_id, run_id));
    if (IsFinished(run.state)) return run.state;
    if (stop.stop_requested())
      return Error(ErrorKind::kCancelled, "stopped while waiting for a run");
    if (impl_->clock.Now() >= deadline)
      return Error(ErrorKind::kTimeout, "the run " + run_id + " has not ended in time");
    // Only an event of this run is a reason to look again.
    bool changed = false;
    while (!changed && !stop.stop_requested() && impl_->clock.Now() < deadline) {
      for (const Event& event : impl_->log.WaitAfter(seen, 1000, deadline, stop)) {
        seen = event.id;
        changed = changed || (event.kind == EventKind::kRun && event.run_id == run_id);
      }
    }
  }
}

RunQueries& Scheduler::queries() {
  return *impl_->queries;
}

}  // namespace stargaze::orchestrate
