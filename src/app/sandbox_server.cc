#include "app/sandbox_server.h"

#include <fmt/core.h>

#include <charconv>
#include <condition_variable>
#include <mutex>

#include "net/http_server.h"
#include "sandbox/books.h"
#include "sandbox/generated_world.h"
#include "sandbox/github_api.h"
#include "sandbox/world.h"

namespace stargaze::app {

Result<ListenAddress> ParseListen(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  ListenAddress listen{.address = text.substr(0, colon)};
  const char* end = text.data() + text.size();
  const auto [stopped_at, error] = colon == std::string::npos
                                       ? std::from_chars_result{end, std::errc::invalid_argument}
                                       : std::from_chars(text.data() + colon + 1, end, listen.port);
  if (error != std::errc() || stopped_at != end) {
    return Error(ErrorKind::kInvalidInput, "not an address and a port: '" + text + "'")
        .Remedy("write --listen 127.0.0.1:8686");
  }
  if (listen.address == "[::1]") listen.address = "::1";
  return listen;
}

void WaitForStop(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any stopped;
  std::unique_lock lock(mutex);
  stopped.wait(lock, stop, [] { return false; });
}

Status RunSandbox(Session& session, const SandboxOptions& options) {
  SG_TRY(const ListenAddress listen, ParseListen(options.listen));
  SG_TRY(const std::unique_ptr<sandbox::World> world, sandbox::OpenWorld(options.world));
  sandbox::GitHubApiOptions api_options;
  if (options.unlimited) api_options = sandbox::WithoutLimits();
  std::unique_ptr<sandbox::Books> books;
  if (auto* generated = dynamic_cast<sandbox::GeneratedWorld*>(world.get()))
    books = std::make_unique<sandbox::Books>(*generated);
  api_options.books = books.get();
  for (const std::string& fault : options.faults)
    SG_RETURN_IF_ERROR(sandbox::SetFault(api_options.faults, fault));
  const SystemClock clock;
  sandbox::GitHubApi api(*world, clock, std::move(api_options));
  SG_TRY(const std::unique_ptr<net::HttpServer> server,
         net::HttpServer::Start(
             {.address = listen.address, .port = listen.port},
             [&api](const net::ServerRequest& request) { return api.Exchange(request); }));
  session.err() << fmt::format(
      "sandbox GitHub API ({}) at http://{}:{}\n", world->name(), listen.address, server->port());
  WaitForStop(session.environment().stop);
  return Ok();
}

}  // namespace stargaze::app
