#include <fmt/core.h>

#include <CLI/CLI.hpp>

#include "app/commands.h"

namespace stargaze::app {
namespace {

// Deletes the file and loads every manifest again. What is published stays readable meanwhile.
Status Rebuild(Session& session) {
  SG_TRY(Instance * instance, session.OpenStores());
  SG_TRY(const warehouse::LoadReport report, RebuildWarehouse(*instance));
  session.err() << fmt::format(
      "loaded {} manifests with {} files; marts and publication are renewed\n",
      report.manifests,
      report.files);
  return Ok();
}

Status Load(Session& session) {
  SG_TRY(Instance * instance, session.OpenStores());
  SG_TRY(const warehouse::LoadReport report, instance->warehouse->Load(*instance->lake));
  SG_RETURN_IF_ERROR(instance->warehouse->Publish(instance->clock));
  session.err() << fmt::format(
      "loaded {} manifests with {} files\n", report.manifests, report.files);
  return Ok();
}

}  // namespace

void AddWarehouseCommands(CLI::App& app, Session& session) {
  CLI::App* warehouse = app.add_subcommand("warehouse", "Tables and marts, built from the lake");
  warehouse->require_subcommand(1);
  const auto add = [&](const char* name, const char* help, Status (*command)(Session&)) {
    warehouse->add_subcommand(name, help)->callback([&session, command] {
      session.needs_instance = true;
      session.action = command;
    });
  };
  add("rebuild", "Delete the warehouse and build it again from the lake", &Rebuild);
  add("load", "Load what the lake has and the warehouse lacks", &Load);
}

}  // namespace stargaze::app
