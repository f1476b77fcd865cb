// The commands, by noun; each adds its own to the parser.

#pragma once

#include "app/session.h"

namespace CLI {
class App;
}

namespace stargaze::app {

void AddBudgetCommands(CLI::App& app, Session& session);
void AddCatalogCommands(CLI::App& app, Session& session);
void AddDagCommands(CLI::App& app, Session& session);
void AddLakeCommands(CLI::App& app, Session& session);
void AddRepoCommands(CLI::App& app, Session& session);
void AddServerCommands(CLI::App& app, Session& session);  // demo, up, sandbox
void AddWarehouseCommands(CLI::App& app, Session& session);

}  // namespace stargaze::app
