#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <system_error>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/exit_codes.h"
#include "app/progress.h"
#include "lake/compact.h"
#include "lake/sweep.h"
#include "lake/verify.h"
#include "model/run.h"
#include "refine/compact_rows.h"

namespace stargaze::app {
namespace {

Status ListObjects(Session& session, const std::string& prefix) {
  SG_TRY(Instance * instance, session.OpenStores());
  SG_TRY(const std::vector<lake::ObjectInfo> objects, instance->lake->List(prefix));
  TableOutput table{.columns = {"bytes", "modified_at", "key"}};
  for (const lake::ObjectInfo& object : objects)
    table.rows.push_back({object.bytes, object.modified_at, object.key});
  session.Print(table);
  return Ok();
}

Status ShowUsage(Session& session) {
  SG_TRY(Instance * instance, session.OpenStores());
  SG_TRY(const std::vector<lake::LakeUsage> usage, lake::DiskUsage(*instance->lake));
  TableOutput table{.columns = {"objects",
                                "bytes",
                                "smallest",
                                "median",
                                "p90",
                                "largest",
                                "of_64_MiB",
                                "manifests",
                                "prefix"}};
  for (const lake::LakeUsage& one : usage) {
    table.rows.push_back({one.objects,
                          one.bytes,
                          one.smallest_bytes,
                          one.median_bytes,
                          one.p90_bytes,
                          one.largest_bytes,
                          one.large_objects,
                          one.manifests,
                          one.prefix});
  }
  session.Print(table);
  return Ok();
}

// Damage is a failed check; orphans are what killed attempts leave, which nobody reads.
Status Verify(Session& session) {
  SG_TRY(Instance * instance, session.OpenStores());
  Progress progress(session.raw_err(), session.progress());
  SG_TRY(const lake::VerifyReport report,
         lake::VerifyLake(*instance->lake,
                          {.now = instance->clock.Now(),
                           .catalog = instance->declarations.catalog,
                           .progress = [&](const std::string& key) {
                             progress.Show({.task = "verify", .detail = key});
                           }}));
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
  if (!report.damages.empty()) session.exit_code = kCheckFailedCode;
  return Ok();
}

// The journals that we write ourselves are read by key and in order; they stay as they are.
bool IsJournal(const model::Dataset& dataset) {
  return dataset.requests.empty();
}

std::vector<storage::SqlValue> CompactRow(const char* layer,
                                          const model::Dataset& dataset,
                                          const lake::CompactReport& report) {
  return {std::string(layer),
          dataset.name,
          report.days,
          report.manifests,
          report.objects_before,
          report.objects_after,
          report.bytes};
}

Status Compact(Session& session, bool dry_run) {
  SG_TRY(Instance * instance, session.OpenStores());
  const Instant now = instance->clock.Now();
  const model::TaskInstance task{
      .run = {.dag_id = "lake", .run_id = model::ManualRunId(now), .logical_date = now},
      .task_id = "compact"};
  lake::CompactOptions options{.attempt = model::NewAttempt(task, 1, instance->random).Name(),
                               .scratch_directory = instance->folder->ScratchPath(),
                               .before = DayOf(now),
                               .dry_run = dry_run};
  std::error_code error;
  std::filesystem::create_directories(options.scratch_directory, error);
  TableOutput table{
      .columns = {
          "layer", "dataset", "days", "manifests", "objects_before", "objects_after", "bytes"}};
  const model::Catalog& catalog = instance->declarations.catalog;
  for (const model::Dataset& dataset : catalog.datasets) {
    if (IsJournal(dataset)) continue;
    options.from = lake::OldestKept(catalog, dataset.name, model::Layer::kRaw, now);
    SG_TRY(const lake::CompactReport raw,
           lake::CompactRaw(*instance->lake, dataset.name, instance->clock, options));
    table.rows.push_back(CompactRow("raw", dataset, raw));
    options.from = lake::OldestKept(catalog, dataset.name, model::Layer::kAnalytics, now);
    SG_TRY(
        const lake::CompactReport rows,
        refine::CompactRows(*instance->lake, dataset, *instance->engine, instance->clock, options));
    table.rows.push_back(CompactRow("analytics", dataset, rows));
  }
  session.Print(table);
  return Ok();
}

Status Sweep(Session& session, bool dry_run) {
  SG_TRY(Instance * instance, session.OpenStores());
  SG_TRY(const std::vector<lake::SweptObject> swept,
         lake::SweepLake(*instance->lake,
                         instance->declarations.catalog,
                         {.now = instance->clock.Now(), .dry_run = dry_run}));
  TableOutput table{.columns = {"reason", "bytes", "key"}};
  int64_t bytes = 0;
  for (const lake::SweptObject& object : swept) {
    table.rows.push_back({std::string(NameOf(object.reason)), object.bytes, object.key});
    bytes += object.bytes;
  }
  session.Print(table);
  session.err() << fmt::format("{} objects, {} {}\n",
                               swept.size(),
                               HumanBytes(bytes),
                               dry_run ? "would be deleted" : "deleted");
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
  const auto add_with_dry_run =
      [&](const char* name, const char* help, Status (*command)(Session&, bool)) {
        CLI::App* added = lake->add_subcommand(name, help);
        AddDryRunFlag(*added, session);
        added->callback([&session, command] {
          session.needs_instance = true;
          session.action = [command](Session& s) { return command(s, s.dry_run); };
        });
      };
  add_with_dry_run(
      "compact", "Make few large objects of the many small ones of past days", &Compact);
  add_with_dry_run(
      "sweep", "Delete leftovers, what compaction moved, and what has expired", &Sweep);
  add("du", "Sizes by dataset and table", &ShowUsage);
  add("verify", "Check every object against its manifest; list what no manifest names", &Verify);
}

}  // namespace stargaze::app
