#include <array>

#include <CLI/CLI.hpp>

#include "app/commands.h"

namespace stargaze::app {

std::span<const AddCommands> AllCommands() {
  static constexpr std::array kCommands{
      &AddTrendsCommand,   &AddRepoCommands,      &AddSqlCommand,     &AddReportCommand,
      &AddCatalogCommands, &AddStatusCommands,    &AddServerCommands, &AddDagCommands,
      &AddRunCommands,     &AddTaskCommands,      &AddPoolCommands,   &AddBudgetCommands,
      &AddLakeCommands,    &AddWarehouseCommands, &AddInitCommand,    &AddAuthCommands,
      &AddConfigCommands,  &AddDoctorCommand,     &AddManualCommands,
  };
  return kCommands;
}

void AddDryRunFlag(CLI::App& command, Session& session) {
  command.add_flag("--dry-run", session.dry_run, "Only say what would be done");
}

}  // namespace stargaze::app
