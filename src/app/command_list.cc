#include <array>

#include "app/commands.h"

namespace stargaze::app {

std::span<const AddCommands> AllCommands() {
  static constexpr std::array kCommands{
      &AddTrendsCommand,
      &AddRepoCommands,
      &AddSqlCommand,
      &AddReportCommand,
      &AddCatalogCommands,
      &AddServerCommands,
      &AddDagCommands,
      &AddRunCommands,
      &AddTaskCommands,
      &AddPoolCommands,
      &AddBudgetCommands,
      &AddLakeCommands,
      &AddWarehouseCommands,
      &AddConfigCommands,
      &AddDoctorCommand,
      &AddManualCommands,
  };
  return kCommands;
}

}  // namespace stargaze::app
