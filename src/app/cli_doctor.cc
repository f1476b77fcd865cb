#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/doctor.h"
#include "app/exit_codes.h"
#include "app/instance.h"

namespace stargaze::app {
namespace {

Status Doctor(Session& session, bool offline) {
  TableOutput table{.columns = {"check", "state", "detail", "remedy"}};
  const auto add = [&](const Finding& finding) {
    table.rows.push_back(
        {finding.check, std::string(NameOf(finding.health)), finding.detail, finding.remedy});
    if (finding.health == Health::kFailed) session.exit_code = kCheckFailedCode;
  };
  const Result<const config::Settings*> settings = session.LoadSettings();
  const Result<Declarations> declarations =
      settings.ok() ? ReadDeclarations(*settings.value()) : Result<Declarations>(settings.error());
  if (declarations.ok()) {
    SystemClock clock;
    for (const Finding& finding : Examine({.settings = *settings.value(),
                                  .catalog = declarations.value().catalog,
                                  .proxy = net::ProxyFrom(session.environment().variables),
                                  .clock = clock,
                                  .offline = offline,
                                  .stop = session.environment().stop}))
      add(finding);
  } else {  // Nothing else can be looked at.
    add({.check = "settings",
         .health = Health::kFailed,
         .detail = declarations.error().message(),
         .remedy = "mend it; stargaze config validate checks again"});
  }
  session.Print(table);
  return Ok();
}

}  // namespace

void AddDoctorCommand(CLI::App& app, Session& session) {
  auto offline = std::make_shared<bool>(false);
  CLI::App* doctor = app.add_subcommand(
      "doctor", "Check settings, data folder, disk, port, network, clock and token");
  doctor->add_flag("--offline", *offline, "Ask nothing of the network");
  doctor->callback([&session, offline] {
    session.action = [offline](Session& s) { return Doctor(s, *offline); };
  });
}

}  // namespace stargaze::app
