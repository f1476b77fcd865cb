#include "app/instance.h"

#include <algorithm>

#include "app/builtin_components.h"
#include "app/callbacks.h"
#include "app/credentials.h"
#include "app/tasks.h"
#include "base/embedded_files.h"
#include "config/catalog.h"
#include "config/dag_files.h"
#include "config/overrides.h"
#include "config/pipelines.h"
#include "orchestrate/timetable.h"

namespace stargaze::app {
namespace {

constexpr int kTurnSeconds = 3600;

std::string TextOf(std::string_view path) {
  for (const EmbeddedFile& file : EmbeddedFiles()) {
    if (file.path == path) return std::string(file.bytes);
  }
  SG_ASSERT(false && "a file is missing from the binary");
  return {};
}

// Requests that the sources allow until their answers tell better; with a token GitHub allows more.
void AssumeLimits(collect::Governor& governor, const model::Catalog& catalog) {
  for (const auto& [name, source] : catalog.sources) {
    for (const auto& [resource, per_minute] : source.requests_per_minute) {
      governor.Assume({.identity = "anonymous", .resource = resource}, per_minute);
    }
  }
}

Result<std::unique_ptr<warehouse::Warehouse>> OpenWarehouse(const Instance& instance) {
  return warehouse::Warehouse::Open(
      {.path = instance.folder->WarehousePath(),
       .published_directory = instance.folder->PublishedPath(),
       .scratch_directory = instance.folder->ScratchPath(),
       .memory_limit_bytes = instance.settings.Integer("duckdb.memory_limit_mb") << 20,
       .sandbox = instance.options.identity.sandbox,
       .files = EmbeddedFiles()},
      instance.declarations.catalog);
}

// Tokens belong to GitHub: the catalog may know further sources, which get none.
CredentialOptions CredentialOptionsOf(const Instance& instance) {
  CredentialOptions options{
      .base_url = instance.options.base_url.empty()
                      ? GithubBaseUrl(instance.settings, instance.declarations.catalog)
                      : instance.options.base_url,
      .token = instance.options.token,
      .sandbox = instance.options.identity.sandbox};
  if (instance.options.warn) {
    options.alert = [warn = instance.options.warn](const collect::TokenAlert& alert) {
      warn(alert.message);
    };
  }
  return options;
}

}  // namespace

const model::Dag* Declarations::FindDag(const std::string& dag_id) const {
  const auto found = std::ranges::find(dags, dag_id, &model::Dag::dag_id);
  return found == dags.end() ? nullptr : &*found;
}

config::DagRules DagRules() {
  return {.uses = TaskKinds(),
          .callbacks = CallbackKinds(),
          .check_schedule = [](const model::Dag& dag) -> Status {
            SG_TRY([[maybe_unused]] const orchestrate::Timetable timetable,
                   orchestrate::Timetable::Create(dag));
            return Ok();
          },
          .for_each_of = &MappedOver,
          .collect_pool = "api_pool"};
}

Result<Declarations> ReadDeclarations(const config::Settings& settings) {
  Declarations declarations;
  SG_TRY(declarations.catalog, config::LoadCatalog(EmbeddedFiles(), settings.List("catalog_dirs")));
  SG_RETURN_IF_ERROR(config::ApplyVariables(settings, declarations.catalog));
  config::DagFiles files(config::BuiltInFiles(EmbeddedFiles(), "pipelines"),
                         settings.List("pipeline_dirs"),
                         declarations.catalog,
                         DagRules());
  files.Refresh();
  config::DagDeclarations found = files.current();
  const Status scheduled =
      config::ApplySchedules(settings, declarations.catalog, DagRules(), found.dags);
  // A setting may be about a DAG whose file is broken.
  if (!scheduled.ok() && found.problems.empty()) return scheduled.error();
  if (!scheduled.ok()) found.problems.push_back({.file = "settings", .error = scheduled.error()});
  declarations.problems = std::move(found.problems);
  declarations.dags = std::move(found.dags);
  declarations.pools = std::move(found.pools);
  return declarations;
}

Instance::Instance(const config::Settings& chosen,
                   InstanceOptions wanted,
                   Declarations declared,
                   Clock& time)
    : settings(chosen),
      options(std::move(wanted)),
      declarations(std::move(declared)),
      clock(time) {}

Result<std::unique_ptr<Instance>> Instance::Open(const config::Settings& settings,
                                                 const InstanceOptions& options,
                                                 Clock& clock) {
  SG_TRY(Declarations declarations, ReadDeclarations(settings));
  auto instance = std::make_unique<Instance>(settings, options, std::move(declarations), clock);
  SG_TRY(instance->folder, DataFolder::Open(settings.Text("home"), options.identity, clock));
  const DataFolder& folder = *instance->folder;
  SG_TRY(instance->lake, OpenLake(folder.LakePath(), settings.Boolean("lake.fsync")));
  SG_TRY(
      instance->engine,
      storage::DuckDb::Open({.memory_limit_bytes = settings.Integer("duckdb.memory_limit_mb") << 20,
                             .temp_directory = folder.ScratchPath()}));
  SG_TRY(instance->registry,
         registry::Registry::Open({.path = folder.RegistryPath(),
                                   .scratch_directory = folder.ScratchPath(),
                                   .host = options.identity.host,
                                   .sandbox = options.identity.sandbox},
                                  *instance->lake,
                                  *instance->engine,
                                  clock,
                                  instance->random));
  SG_TRY(instance->warehouse, OpenWarehouse(*instance));
  SG_TRY(instance->published,
         warehouse::PublishedReader::Open(folder.PublishedPath(),
                                          TextOf("marts/trend_repository.sql")));
  SG_TRY(instance->transport,
         net::CurlTransport::Create({.user_agent = "stargaze", .proxy = options.proxy}));
  instance->governor = std::make_unique<collect::Governor>(clock);
  AssumeLimits(*instance->governor, instance->declarations.catalog);
  instance->limit_memory =
      std::make_unique<LimitMemory>(folder.LimitsPath(), *instance->governor, clock, options.warn);
  SG_TRY(instance->credentials,
         OpenCredentials(settings,
                         CredentialOptionsOf(*instance),
                         *instance->transport,
                         *instance->governor,
                         clock));
  instance->batches =
      std::make_unique<collect::BatchPlans>(*instance->registry, *instance->lake, clock);
  return instance;
}

Result<std::unique_lock<std::timed_mutex>> Instance::WarehouseTurn(const std::stop_token& stop) {
  std::unique_lock turn(warehouse_turn_, std::defer_lock);
  for (int second = 0; second < kTurnSeconds; ++second) {
    if (turn.try_lock_for(std::chrono::seconds(1))) return turn;
    if (stop.stop_requested())
      return Error(ErrorKind::kCancelled, "stopped while another task used the warehouse");
  }
  return Error(ErrorKind::kTimeout, "another task has used the warehouse for an hour");
}

Result<warehouse::LoadReport> RebuildWarehouse(Instance& instance) {
  SG_TRY(const auto turn, instance.WarehouseTurn({}));
  instance.warehouse.reset();
  SG_RETURN_IF_ERROR(warehouse::Warehouse::Remove(instance.folder->WarehousePath()));
  SG_TRY(instance.warehouse, OpenWarehouse(instance));
  SG_TRY(const warehouse::LoadReport report, instance.warehouse->Load(*instance.lake));
  SG_RETURN_IF_ERROR(instance.warehouse->Publish(instance.clock));
  return report;
}

}  // namespace stargaze::app
