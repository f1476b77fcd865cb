// The commands, by noun; each adds its own to the parser. A new one is a declaration here and a
// line in command_list.cc; its examples and its group stand in command_notes.cc.

#pragma once

#include <span>

#include "app/session.h"

namespace CLI {
class App;
}

namespace stargaze::app {

using AddCommands = void (*)(CLI::App& app, Session& session);

// In the order in which help lists them.
std::span<const AddCommands> AllCommands();

// --dry-run, of a command that changes something: session.dry_run.
void AddDryRunFlag(CLI::App& command, Session& session);

void AddAuthCommands(CLI::App& app, Session& session);
void AddBudgetCommands(CLI::App& app, Session& session);
void AddCatalogCommands(CLI::App& app, Session& session);
void AddConfigCommands(CLI::App& app, Session& session);
void AddDagCommands(CLI::App& app, Session& session);
void AddDoctorCommand(CLI::App& app, Session& session);
void AddInitCommand(CLI::App& app, Session& session);
void AddLakeCommands(CLI::App& app, Session& session);
void AddManualCommands(CLI::App& app, Session& session);  // completion, man, help, version
void AddRepoCommands(CLI::App& app, Session& session);
void AddReportCommand(CLI::App& app, Session& session);
void AddPoolCommands(CLI::App& app, Session& session);
void AddRunCommands(CLI::App& app, Session& session);
void AddTaskCommands(CLI::App& app, Session& session);
void AddServerCommands(CLI::App& app, Session& session);  // demo, up, sandbox
void AddSqlCommand(CLI::App& app, Session& session);
void AddStatusCommands(CLI::App& app, Session& session);  // status, open
void AddTrendsCommand(CLI::App& app, Session& session);
void AddWarehouseCommands(CLI::App& app, Session& session);

}  // namespace stargaze::app
