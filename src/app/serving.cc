#include "app/serving.h"

#include <fmt/core.h>

#include <mutex>
#include <sstream>

#include "base/embedded_files.h"
#include "app/forward.h"
#include "app/sandbox_server.h"
#include "base/version.h"
#include "metrics/metrics.h"
#include "net/http_server.h"
#include "serve/api.h"

namespace stargaze::app {
namespace {

// Runs a command that another process asked for, one at a time: the stores have one writer.
serve::Operation CliOperation(Session& session, Instance& instance) {
  auto mutex = std::make_shared<std::mutex>();
  return [&session, &instance, mutex](const std::vector<std::string>& arguments) {
    const std::lock_guard lock(*mutex);
    CliEnvironment environment{.stop = session.environment().stop, .attached = &instance};
    std::ostringstream out;
    std::ostringstream err;
    const int exit_code = RunCli(arguments, environment, out, err);
    return serve::OperationResult{.exit_code = exit_code, .out = out.str(), .err = err.str()};
  };
}

// The first page would wait for it otherwise. Nothing published yet is no error.
void TakeUpNewest(warehouse::PublishedReader& published) {
  Result<warehouse::PublishedLease> lease = published.Acquire();
  if (lease.ok()) (void)lease.value().Trend(std::nullopt);
}

}  // namespace

Status Serve(Session& session, Instance& instance) {
  SG_TRY(const ListenAddress listen, ParseListen(instance.settings.Text("listen")));
  SG_TRY(const std::string token, instance.folder->AdminToken());
  TakeUpNewest(*instance.published);
  metrics::Metrics metrics;
  metrics.SetGauge(
      "stargaze_build_info", "The running version.", 1, {{"version", std::string(kVersion)}});
  serve::Api api({.catalog = instance.declarations.catalog,
                  .published = *instance.published,
                  .registry = *instance.registry,
                  .clock = instance.clock,
                  .metrics = metrics,
                  .files = EmbeddedFiles(),
                  .admin_token = token,
                  .sandbox = instance.options.identity.sandbox,
                  .operations = {{kCliOperation, CliOperation(session, instance)}}});
  SG_TRY(const std::unique_ptr<net::HttpServer> server,
         net::HttpServer::Start(
             {.address = listen.address,
              .port = listen.port,
              .unix_socket = instance.folder->SocketPath()},
             [&api](const net::ServerRequest& request) { return api.Handle(request); }));
  const std::string host = listen.address == "::1" ? "[::1]" : listen.address;
  session.out() << fmt::format("Stargaze is at http://{}:{}/{}\n",
                               host,
                               server->port(),
                               instance.options.identity.sandbox ? "  (sandbox data)" : "")
                << std::flush;
  WaitForStop(session.environment().stop);
  return Ok();
}

}  // namespace stargaze::app
