#include "app/sandbox_server.h"

#include <fmt/core.h>

#include <charconv>
#include <condition_variable>
#include <mutex>

#include "app/simulated_source.h"

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
  const SystemClock clock;
  SG_TRY(const std::unique_ptr<SimulatedSource> source,
         SimulatedSource::Start({.world = options.world,
                                 .faults = options.faults,
                                 .unlimited = options.unlimited,
                                 .server = {.address = listen.address, .port = listen.port}},
                                clock));
  session.err() << fmt::format("sandbox GitHub API ({}) at http://{}:{}\n",
                               source->world_name(),
                               listen.address,
                               source->port());
  WaitForStop(session.environment().stop);
  return Ok();
}

}  // namespace stargaze::app
