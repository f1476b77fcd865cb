// Everything behind HTTP: routes, who may ask, how errors look.

#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/embedded_files.h"
#include "config/pipelines.h"
#include "metrics/metrics.h"
#include "model/dag.h"
#include "model/dataset.h"
#include "net/http_server.h"
#include "orchestrate/scheduler.h"
#include "registry/registry.h"
#include "serve/events.h"
#include "serve/guard.h"
#include "warehouse/published_reader.h"

namespace stargaze::serve {

struct OperationResult {
  int exit_code = 0;
  std::string out{};
  std::string err{};
};

// What the command line may ask of a running server.
using Operation = std::function<OperationResult(const std::vector<std::string>& arguments)>;

// The scheduler as far as people see it over HTTP. Without one its routes are not there.
struct SchedulingParts {
  orchestrate::Scheduler* scheduler = nullptr;
  bool runs_by_itself = false;  // It is to be running: standing still is an alarm.
  std::function<std::vector<model::Dag>()> dags{};
  std::function<std::vector<config::FileProblem>()> problems{};  // Of the files of DAGs.
  std::string log_folder{};
};

// All outlive the Api.
struct ApiParts {
  const model::Catalog& catalog;
  warehouse::PublishedReader& published;
  registry::Registry& registry;
  const Clock& clock;         // Of the data; stands still in a sandbox.
  const Clock& people_clock;  // Of logins, sessions and rates.
  metrics::Metrics& metrics;
  Events& events;
  std::span<const EmbeddedFile> files{};
  std::string published_directory{};
  GuardOptions guard{};
  bool sandbox = false;
  SchedulingParts scheduling{};
  std::map<std::string, Operation> operations{};
};

// Safe for concurrent use; never throws.
class Api {
 public:
  // kInternal when a route's facts do not fit together.
  static Result<std::unique_ptr<Api>> Create(ApiParts parts);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  // What needs no waiting: files of the dashboard, and "not modified"; nullopt for the rest.
  std::optional<net::ServerResponse> AnswerAtOnce(const net::ServerRequest& request);
  net::ServerResponse Handle(const net::ServerRequest& request);
  // For what never became a request.
  net::HttpResponse Refuse(int status, const Error& error, const std::string& request_id);

  // A one-time code that opens a session as admin.
  std::string NewLoginCode();
  // The newest publication's version, for the event about it.
  std::string PublicationVersion();

 private:
  struct Impl;
  explicit Api(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::serve
