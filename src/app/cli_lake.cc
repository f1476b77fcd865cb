#include <fmt/core.h>

#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/progress.h"
#include "lake/verify.h"

namespace stargaze::app {
namespace {

constexpr int kCheckFailed = 7;

Status ListObjects(Session& session, const std::string& prefix) {
  SG_TRY(Instance * instance, session.OpenInstance());
  SG_TRY(const std::vector<lake::ObjectInfo> objects, instance->lake->List(prefix));
  TableOutput table{.columns = {"bytes", "modified_at", "key"}};
  for (const lake::ObjectInfo& object : objects)
    table.rows.push_back({object.bytes, object.modified_at, object.key});
  session.Print(table);
  return Ok();
}

Status ShowUsage(Session& session) {
  SG_TRY(Instance * instance, session.OpenInstance());
  SG_TRY(const std::vector<lake::LakeUsage> usage, lake::DiskUsage(*instance->lake));
  TableOutput table{.columns = {"objects", "bytes", "median_bytes", "largest_bytes", "prefix"}};
  for (const lake::LakeUsage& one : usage) {
    table.rows.push_back({one.objects, one.bytes, one.median_bytes, one.largest_bytes, one.prefix});
  }
  session.Print(table);
  return Ok();
}

// Damage is a failed check; orphans are what killed attempts leave, which nobody reads.
Status Verify(Session& session) {
  SG_TRY(Instance * instance, session.OpenInstance());
  Progress progress(session.err(), session.output().err_is_terminal);
  SG_TRY(const lake::VerifyReport report,
         lake::VerifyLake(*instance->lake, instance->clock.Now(), [&](const std::string& key) {
           progress.Show("verify  " + key);
         }));
  progress.Clear();
  TableOutput table{.columns = {"finding", "key", "detail"}};
  for (const lake::Damage& damage : report.damages)
    table.rows.push_back({std::string("damaged"), damage.key, damage.what});
  for (const std::string& key : report.old_orphans)
    table.rows.push_back({std::string("orphan"), key, std::string("older than a day")});
  for (const std::string& key : report.young_orphans)
    table.rows.push_back({std::string("orphan"), key, std::string("younger than a day")});
  session.Print(table);
  session.err() << fmt::format("{} manifests, {} objects, {}: {} damaged, {} orphans\n",
                               report.manifests,
                               report.objects,
                               HumanBytes(report.bytes),
                               report.damages.size(),
                               report.old_orphans.size() + report.young_orphans.size());
  if (!report.damages.empty()) session.exit_code = kCheckFailed;
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
  const auto add = [&](const char* name, const char* help, Status (*command)(Session&)) {
    lake->add_subcommand(name, help)->callback([&session, command] {
      session.needs_instance = true;
      session.action = command;
    });
  };
  add("du", "Sizes by dataset and table", &ShowUsage);
  add("verify", "Check every object against its manifest; list what no manifest names", &Verify);
}

}  // namespace stargaze::app
