#include <fmt/core.h>

#include <algorithm>
#include <memory>

#include <CLI/CLI.hpp>

#include "app/commands.h"
#include "app/run_reader.h"
#include "app/run_tables.h"
#include "base/suggest.h"

namespace stargaze::app {
namespace {

using orchestrate::PoolView;

TableOutput PoolsTable(const std::vector<PoolView>& pools) {
  TableOutput table{
      .columns = {
          "pool", "slots", "open", "running", "queued", "scheduled", "deferred", "description"}};
  for (const PoolView& pool : pools) {
    table.rows.push_back({pool.name,
                          int64_t{pool.slots},
                          pool.open(),
                          pool.running,
                          pool.queued,
                          pool.scheduled,
                          pool.deferred,
                          pool.description});
  }
  return table;
}

Status List(Session& session) {
  SG_TRY(const RunReader reader, RunReader::Open(session));
  SG_TRY(const std::vector<PoolView> pools, reader.Pools());
  session.Print(PoolsTable(pools));
  return Ok();
}

Status Show(Session& session, const std::string& name) {
  SG_TRY(const RunReader reader, RunReader::Open(session));
  SG_TRY(const std::vector<PoolView> pools, reader.Pools());
  const auto found = std::ranges::find(pools, name, &PoolView::name);
  if (found != pools.end()) {
    session.Print(PoolsTable({*found}));
    return Ok();
  }
  std::vector<std::string> names;
  for (const PoolView& pool : pools) names.push_back(pool.name);
  return Error(ErrorKind::kNotFound,
               fmt::format("no pool is called '{}'{}", name, DidYouMean(name, names)))
      .Remedy("stargaze pool list");
}

}  // namespace

void AddPoolCommands(CLI::App& app, Session& session) {
  CLI::App* pool = app.add_subcommand("pool", "Pools: how many tasks that share a limit may run");
  pool->require_subcommand(1);
  auto wish = std::make_shared<orchestrate::PoolSetting>();
  const auto act = [&session](CLI::App* command,
                              std::function<Status(Session&)> action,
                              bool only_reads = false) {
    command->callback([&session, action = std::move(action), only_reads] {
      session.needs_instance = true;
      session.reads_beside = only_reads;
      session.action = action;
    });
  };
  act(pool->add_subcommand("list", "List the pools with what runs in them"), &List, true);
  CLI::App* show = pool->add_subcommand("show", "Show one pool");
  show->add_option("name", wish->name, "As in api_pool")->required();
  act(
      show, [wish](Session& s) { return Show(s, wish->name); }, true);
  CLI::App* set = pool->add_subcommand("set", "Make a pool, or change its slots");
  set->add_option("name", wish->name, "As in api_pool")->required();
  set->add_option("slots", wish->slots, "How many; 0 holds everything back")
      ->check(CLI::NonNegativeNumber)
      ->required();
  set->add_option("--description", wish->description, "For people");
  act(set, [wish](Session& s) -> Status {
    SG_TRY(const SchedulerLease lease, LeaseScheduler(s));
    return lease.scheduler().SetPool(*wish, ActionOf(s, ""));
  });
  CLI::App* remove = pool->add_subcommand("delete", "Delete a pool that no task names");
  remove->add_option("name", wish->name, "As in api_pool")->required();
  act(remove, [wish](Session& s) -> Status {
    SG_TRY(const SchedulerLease lease, LeaseScheduler(s));
    return lease.scheduler().DeletePool(wish->name, ActionOf(s, ""));
  });
}

}  // namespace stargaze::app
