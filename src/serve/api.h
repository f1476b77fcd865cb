// Everything behind HTTP: routes, who may ask, how errors look.

#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/embedded_files.h"
#include "metrics/metrics.h"
#include "model/dataset.h"
#include "net/http_server.h"
#include "registry/registry.h"
#include "serve/router.h"
#include "serve/static_files.h"
#include "warehouse/published_reader.h"

namespace stargaze::serve {

struct OperationResult {
  int exit_code = 0;
  std::string out{};
  std::string err{};
};

// What the command line may ask of a running server.
using Operation = std::function<OperationResult(const std::vector<std::string>& arguments)>;

// All outlive the Api.
struct ApiParts {
  const model::Catalog& catalog;
  warehouse::PublishedReader& published;
  registry::Registry& registry;
  const Clock& clock;
  metrics::Metrics& metrics;
  std::span<const EmbeddedFile> files{};
  std::string admin_token{};
  bool sandbox = false;
  std::map<std::string, Operation> operations{};
};

// Handle() is safe for concurrent use and never throws.
class Api {
 public:
  explicit Api(ApiParts parts);
  ~Api();

  net::HttpResponse Handle(const net::ServerRequest& request);

 private:
  struct Pages;

  net::HttpResponse Answer(const net::ServerRequest& request, const std::string& request_id);
  void AddPageRoutes();
  void AddRegistryRoutes();
  void AddStateRoutes();
  Result<net::HttpResponse> Freshness();
  Result<net::HttpResponse> Ready();
  Result<net::HttpResponse> RunOperation(const net::ServerRequest& request,
                                         const std::string& name);

  ApiParts parts_;
  StaticFiles static_files_;
  std::unique_ptr<Pages> pages_;
  Router router_;
  std::atomic<uint64_t> next_request_{1};
};

}  // namespace stargaze::serve
