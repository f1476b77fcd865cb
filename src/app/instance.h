// Everything of one data folder, opened and wired together: the only place that knows all modules.

#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

#include "app/data_folder.h"
#include "app/limit_memory.h"
#include "base/clock.h"
#include "base/random.h"
#include "collect/batches.h"
#include "collect/credential.h"
#include "collect/governor.h"
#include "collect/known_states.h"
#include "config/dag_rules.h"
#include "config/pipelines.h"
#include "config/settings.h"
#include "lake/object_store.h"
#include "model/dag.h"
#include "model/dataset.h"
#include "net/http_client.h"
#include "registry/registry.h"
#include "warehouse/published_reader.h"
#include "warehouse/warehouse.h"

namespace stargaze::app {

// What is declared: read once at start, then constant.
struct Declarations {
  model::Catalog catalog{};
  std::vector<model::Dag> dags{};
  std::vector<model::Pool> pools{};
  std::vector<config::FileProblem> problems{};  // Of files of DAGs; the others are in force.

  const model::Dag* FindDag(const std::string& dag_id) const;
};

// From the embedded files and the folders that the settings name. A broken file of a DAG stops
// nothing else; a process that stays reads these files through config::DagFiles.
Result<Declarations> ReadDeclarations(const config::Settings& settings);

struct InstanceOptions {
  FolderIdentity identity{};
  std::string base_url{};  // Where the source answers; empty: where its declaration says.
  std::string token{};     // Empty: none.
  net::ProxySettings proxy{};
  // Told what a person must act on; may be empty.
  std::function<void(std::string_view)> warn{};
};

// What app lets DAGs say; config checks it.
config::DagRules DagRules();

class Scheduling;

// Members are made in this order and destroyed in the opposite one.
struct Instance {
  Instance(const config::Settings& chosen,
           InstanceOptions wanted,
           Declarations declared,
           Clock& time);

  const config::Settings& settings;
  InstanceOptions options;
  Declarations declarations;
  Clock& clock;
  Random random{Random::SeedFromDevice()};
  std::unique_ptr<DataFolder> folder;
  std::unique_ptr<lake::ObjectStore> lake;
  std::unique_ptr<storage::DuckDb> engine;  // In memory: refining, and small Parquet files.
  std::unique_ptr<registry::Registry> registry;
  std::unique_ptr<warehouse::Warehouse> warehouse;
  std::unique_ptr<warehouse::PublishedReader> published;
  std::unique_ptr<net::HttpTransport> transport;
  std::unique_ptr<collect::Governor> governor;
  std::unique_ptr<LimitMemory> limit_memory;  // The governor's.
  std::unique_ptr<collect::CredentialPool> credentials;
  std::unique_ptr<collect::BatchPlans> batches;
  collect::KnownStates known_states;
  Scheduling* scheduling = nullptr;  // The process's; null in one that has none.

  // Who loads, publishes or replaces the warehouse holds it meanwhile. kCancelled by `stop`,
  // kTimeout after an hour.
  Result<std::unique_lock<std::timed_mutex>> WarehouseTurn(const std::stop_token& stop);

  // `settings` and `clock` must outlive the instance.
  static Result<std::unique_ptr<Instance>> Open(const config::Settings& settings,
                                                const InstanceOptions& options,
                                                Clock& clock);

 private:
  std::timed_mutex warehouse_turn_;
};

// Deletes the warehouse's file, loads the whole lake again and publishes. Nobody else may use the
// warehouse meanwhile.
Result<warehouse::LoadReport> RebuildWarehouse(Instance& instance);

}  // namespace stargaze::app
