#include <CLI/CLI.hpp>
#include <fmt/core.h>

#include <memory>

#include "app/commands.h"

namespace stargaze::app {
namespace {

Status ListObjects(Session& session, const std::string& prefix) {
  SG_TRY(Instance* instance, session.OpenInstance());
  SG_TRY(const std::vector<lake::ObjectInfo> objects, instance->lake->List(prefix));
  TableOutput table{.columns = {"bytes", "modified_at", "key"}};
  for (const lake::ObjectInfo& object : objects) table.rows.push_back({object.bytes, object.modified_at, object.key});
  session.Print(table);
  return Ok();
}

}  // namespace

void AddLakeCommands(CLI::App& app, Session& session) {
  CLI::App* lake = app.add_subcommand("lake", "Objects of the lake");
  lake->require_subcommand(1);
  auto prefix = std::make_shared<std::string>();
  CLI::App* ls = lake->add_subcommand("ls", "List objects");
  ls->add_option("prefix", *prefix, "As in raw/github");
  ls->callback([&session, prefix] {
    session.needs_instance = true;
    session.action = [prefix](Session& s) { return ListObjects(s, *prefix); };
  });
}

}  // namespace stargaze::app
