// A simulated GitHub behind a real port: the sandbox's server, and what the demo collects from.

#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "net/http_server.h"
#include "sandbox/body_pacer.h"
#include "sandbox/books.h"
#include "sandbox/github_api.h"

namespace stargaze::app {

struct SimulatedSourceOptions {
  std::string world{};                // As OpenWorld reads it.
  std::vector<std::string> faults{};  // As SetFault reads them.
  bool unlimited = false;             // Refuses nobody for the number of requests.
  net::ServerOptions server{};
};

// Serves from Start to its end; a generated world with its books.
class SimulatedSource {
 public:
  // `clock` is the source's time, and outlives it.
  static Result<std::unique_ptr<SimulatedSource>> Start(const SimulatedSourceOptions& options,
                                                        const Clock& clock);

  const std::string& world_name() const { return world_->name(); }
  uint16_t port() const { return server_->port(); }

 private:
  SimulatedSource() = default;

  std::unique_ptr<sandbox::World> world_;
  std::unique_ptr<sandbox::Books> books_;  // Null for a world without them.
  std::unique_ptr<sandbox::GitHubApi> api_;
  sandbox::BodyPacer pacer_;
  std::unique_ptr<net::HttpServer> server_;  // Last: it asks the others.
};

}  // namespace stargaze::app
