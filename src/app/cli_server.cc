#include <fmt/format.h>

#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/demo.h"
#include "app/sandbox_server.h"
#include "app/up.h"
#include "sandbox/faults.h"

namespace stargaze::app {
namespace {

void AddDemo(CLI::App& app, Session& session) {
  auto options = std::make_shared<DemoOptions>();
  CLI::App* demo = app.add_subcommand(
      "demo",
      "Run the pipeline over virtual days against a simulated GitHub, then serve the dashboard");
  demo->add_flag("--once", options->once, "Do not serve; print the top 10 and end");
  demo->add_flag("--all", options->all, "Collect every dataset: star histories and releases, too");
  demo->add_option("--days", options->days, "Virtual days")
      ->check(CLI::Range(1, 4000))
      ->capture_default_str();
  demo->add_option("--repositories", options->repositories, "Size of the generated world")
      ->check(CLI::Range(1, 200'000))
      ->capture_default_str();
  demo->add_option("--seed", options->seed, "Seed of the generated world")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str();
  demo->add_option("--world",
                   options->world,
                   "Folder of recorded daily rankings, instead of a generated world")
      ->type_name("DIR");
  demo->add_option("--from", options->from, "First virtual day")->type_name("YYYY-MM-DD");
  demo->add_option(
          "--fault", options->faults, "What the simulated GitHub does wrong, as in html=0.05")
      ->type_name("KIND=RATE");
  demo->add_option("--listen", session.listen_flag, "Where to serve")->type_name("ADDRESS:PORT");
  demo->callback([&session, options] {
    session.action = [options](Session& s) { return RunDemo(s, *options); };
  });
}

void AddUp(CLI::App& app, Session& session) {
  const auto add = [&](const char* name, const char* help, Status (*action)(Session&, Instance&)) {
    CLI::App* command = app.add_subcommand(name, help);
    command->add_option("--listen", session.listen_flag, "Where to serve")
        ->type_name("ADDRESS:PORT");
    command->callback([&session, action] {
      session.action = [action](Session& s) -> Status {
        SG_TRY(Instance * instance, s.OpenInstance());
        return action(s, *instance);
      };
    });
  };
  add("up", "Run DAGs when they are due, and serve the dashboard and the API", &Up);
  add("serve", "Serve the dashboard and the API, and run nothing", &ServeOnly);
}

void AddSandbox(CLI::App& app, Session& session) {
  auto options = std::make_shared<SandboxOptions>();
  CLI::App* sandbox =
      app.add_subcommand("sandbox", "Serve a simulated GitHub API, for trying things out");
  sandbox
      ->add_option(
          "--world",
          options->world,
          "\"generated:\" with any of seed=N, repositories=N, start=DAY, steps_per_day=N, "
          "days=utc|pacific (of star histories), history_short=0|1 (one star below the "
          "count), and renamed, transferred, deleted, withheld=SHARE (of all within 400 days; "
          "withheld: become private, taken down or gone); or a folder of recorded daily "
          "rankings")
      ->capture_default_str();
  sandbox->add_flag("--unlimited", options->unlimited, "Without rate limits, for measurements");
  sandbox
      ->add_option(
          "--fault",
          options->faults,
          fmt::format("What it does wrong, as in html=0.05: {}; seed=N draws which requests; or "
                      "revoked_token=LAST4, expired_token=LAST4@INSTANT",
                      fmt::join(sandbox::FaultNames(), ", ")))
      ->type_name("KIND=RATE");
  sandbox->add_option("--listen", options->listen, "Where to serve")
      ->type_name("ADDRESS:PORT")
      ->capture_default_str();
  sandbox->callback([&session, options] {
    session.action = [options](Session& s) { return RunSandbox(s, *options); };
  });
}

}  // namespace

void AddServerCommands(CLI::App& app, Session& session) {
  AddDemo(app, session);
  AddUp(app, session);
  AddSandbox(app, session);
}

}  // namespace stargaze::app
