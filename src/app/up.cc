#include "app/up.h"

#include <fmt/core.h>

#include <thread>

#include "app/scheduling.h"
#include "app/serving.h"

namespace stargaze::app {
namespace {

constexpr std::chrono::seconds kLookAtFilesEvery{5};
constexpr std::chrono::seconds kStopGrace{20};

std::string Joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

void Tell(Session& session, const Scheduling& scheduling, const config::DagChanges& changes) {
  const auto tell = [&](const char* what, const std::vector<std::string>& dags) {
    if (!dags.empty()) session.err() << fmt::format("DAGs {}: {}\n", what, Joined(dags));
  };
  tell("added", changes.added);
  tell("changed", changes.changed);
  tell("removed", changes.removed);
  for (const config::FileProblem& problem : scheduling.Problems())
    session.err() << "warning: " << problem.error.message() << "\n";
  session.err() << std::flush;
}

// Takes up files of DAGs as they change.
void WatchFiles(Session& session, Scheduling& scheduling, const std::stop_token& stop) {
  SystemClock clock;
  while (clock.SleepUntil(clock.Now() + kLookAtFilesEvery, stop).ok()) {
    const config::DagChanges changes = scheduling.Refresh();
    if (!changes.empty()) Tell(session, scheduling, changes);
  }
}

}  // namespace

Status ServeOnly(Session& session, Instance& instance) {
  SG_TRY(const auto scheduling, Scheduling::Open(instance, {}));
  return Serve(session, instance);
}

Status Up(Session& session, Instance& instance) {
  if (instance.options.identity.sandbox && instance.options.base_url.empty()) {
    session.err() << "the data folder is a demo's: it is served, nothing is scheduled\n";
    return ServeOnly(session, instance);
  }
  SG_TRY(const auto scheduling, Scheduling::Open(instance, {.follows_schedules = true}));
  for (const config::FileProblem& problem : scheduling->Problems())
    session.err() << "warning: " << problem.error.message() << "\n";
  scheduling->scheduler().Start();
  Status served = Ok();
  {
    const std::jthread watcher(
        [&](const std::stop_token& stop) { WatchFiles(session, *scheduling, stop); });
    served = Serve(session, instance);
  }
  scheduling->scheduler().Stop(instance.clock.Now() + kStopGrace);
  return served;
}

}  // namespace stargaze::app
