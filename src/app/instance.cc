#include "app/instance.h"

#include <algorithm>

#include "app/builtin_components.h"
#include "app/credentials.h"
#include "app/tasks.h"
#include "base/embedded_files.h"
#include "config/catalog.h"
#include "config/overrides.h"
#include "config/pipelines.h"
#include "orchestrate/cron.h"

namespace stargaze::app {
namespace {

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
  CredentialOptions options{.base_url = instance.options.base_url,
                            .token = instance.options.token,
                            .sandbox = instance.options.identity.sandbox};
  const auto& sources = instance.declarations.catalog.sources;
  if (const auto github = sources.find("github");
      options.base_url.empty() && github != sources.end()) {
    options.base_url = github->second.base_url;
  }
  if (instance.options.warn) {
    options.alert = [warn = instance.options.warn](const collect::TokenAlert& alert) {
      warn(alert.message);
    };
  }
  return options;
}

}  // namespace

const model::Pipeline* Declarations::FindPipeline(const std::string& dag_id) const {
  const auto found =
      std::find_if(pipelines.begin(), pipelines.end(), [&](const model::Pipeline& pipeline) {
        return pipeline.dag_id == dag_id;
      });
  return found == pipelines.end() ? nullptr : &*found;
}

config::PipelineRules PipelineRules() {
  return {.uses = TaskKinds(), .check_schedule = [](const std::string& schedule) -> Status {
            SG_TRY([[maybe_unused]] const orchestrate::CronSchedule parsed,
                   orchestrate::ParseCron(schedule));
            return Ok();
          }};
}

Result<Declarations> ReadDeclarations(const config::Settings& settings) {
  Declarations declarations;
  SG_TRY(declarations.catalog, config::LoadCatalog(EmbeddedFiles(), settings.List("catalog_dirs")));
  SG_RETURN_IF_ERROR(config::ApplyVariables(settings, declarations.catalog));
  std::vector<config::DeclarationFile> files = config::BuiltInFiles(EmbeddedFiles(), "pipelines");
  for (const std::string& folder : settings.List("pipeline_dirs")) {
    SG_TRY(std::vector<config::DeclarationFile> more, config::FilesOfFolder(folder));
    std::move(more.begin(), more.end(), std::back_inserter(files));
  }
  SG_TRY(declarations.pipelines,
         config::ReadPipelines(files, declarations.catalog, PipelineRules()));
  SG_RETURN_IF_ERROR(config::ApplySchedules(settings, PipelineRules(), declarations.pipelines));
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
  SG_TRY(instance->credentials,
         OpenCredentials(settings,
                         CredentialOptionsOf(*instance),
                         *instance->transport,
                         *instance->governor,
                         clock));
  return instance;
}

Result<warehouse::LoadReport> RebuildWarehouse(Instance& instance) {
  instance.warehouse.reset();
  SG_RETURN_IF_ERROR(warehouse::Warehouse::Remove(instance.folder->WarehousePath()));
  SG_TRY(instance.warehouse, OpenWarehouse(instance));
  SG_TRY(const warehouse::LoadReport report, instance.warehouse->Load(*instance.lake));
  SG_RETURN_IF_ERROR(instance.warehouse->Publish(instance.clock));
  return report;
}

}  // namespace stargaze::app
