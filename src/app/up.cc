#include "app/up.h"

#include <fmt/core.h>

#include <thread>

#include "app/scheduling.h"
#include "app/serving.h"
#include "metrics/statsd.h"
#include "orchestrate/telemetry.h"

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

void ReportDags(orchestrate::Telemetry& telemetry,
                const Scheduling& scheduling,
                std::chrono::microseconds reading) {
  telemetry.SetDags(scheduling.Dags(), scheduling.Problems().size(), reading);
}

// Takes up files of DAGs as they change.
void WatchFiles(Session& session,
                Scheduling& scheduling,
                orchestrate::Telemetry& telemetry,
                const std::stop_token& stop) {
  SystemClock clock;
  while (clock.SleepUntil(clock.Now() + kLookAtFilesEvery, stop).ok()) {
    const Instant began = clock.Now();
    const config::DagChanges changes = scheduling.Refresh();
    if (changes.empty()) continue;
    Tell(session, scheduling, changes);
    ReportDags(telemetry, scheduling, clock.Now() - began);
  }
}

// Null when the settings name no StatsD server.
Result<std::unique_ptr<metrics::Statsd>> StatsdFrom(const config::Settings& settings) {
  const std::string address = settings.Text("statsd.address");
  if (address.empty()) return std::unique_ptr<metrics::Statsd>();
  const std::size_t colon = address.rfind(':');
  return metrics::Statsd::Open({.host = address.substr(0, colon),
                                .port = std::stoi(address.substr(colon + 1)),
                                .prefix = settings.Text("statsd.prefix")});
}

}  // namespace

Status ServeOnly(Session& session, Instance& instance) {
  SG_TRY(const auto scheduling, Scheduling::Open(instance, {}));
  metrics::Metrics metrics;
  return Serve(session, instance, metrics);
}

Status Up(Session& session, Instance& instance) {
  if (instance.options.identity.sandbox && instance.options.base_url.empty()) {
    session.err() << "the data folder is a demo's: it is served, nothing is scheduled\n";
    return ServeOnly(session, instance);
  }
  metrics::Metrics metrics;
  SG_TRY(const auto statsd, StatsdFrom(instance.settings));
  orchestrate::Telemetry telemetry(metrics, statsd.get(), {});
  const Instant began = instance.clock.Now();
  SG_TRY(const auto scheduling,
         Scheduling::Open(
             instance,
             {.follows_schedules = true, .observe = [&telemetry](const orchestrate::Event& event) {
                telemetry.Observe(event);
              }}));
  ReportDags(telemetry, *scheduling, instance.clock.Now() - began);
  for (const config::FileProblem& problem : scheduling->Problems())
    session.err() << "warning: " << problem.error.message() << "\n";
  scheduling->scheduler().Start();
  Status served = Ok();
  {
    const std::jthread watcher(
        [&](const std::stop_token& stop) { WatchFiles(session, *scheduling, telemetry, stop); });
    const std::jthread reporter([&](const std::stop_token& stop) {
      telemetry.Run(scheduling->scheduler(), instance.clock, stop);
    });
    served = Serve(session, instance, metrics);
  }
  scheduling->scheduler().Stop(instance.clock.Now() + kStopGrace);
  return served;
}

}  // namespace stargaze::app
