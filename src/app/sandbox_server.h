// The simulated GitHub as a server of its own, in real time.

#pragma once

#include <string>
#include <vector>

#include "app/session.h"

namespace stargaze::app {

struct SandboxOptions {
  std::string world = "generated:seed=1,repositories=1000";
  std::vector<std::string> faults{};
  std::string listen = "127.0.0.1:8687";
  bool unlimited = false;  // Refuses nobody for the number of requests: for measurements.
};

// Serves until the session is stopped.
Status RunSandbox(Session& session, const SandboxOptions& options);

// "127.0.0.1:8686" apart; kInvalidInput for anything else.
struct ListenAddress {
  std::string address{};
  uint16_t port = 0;
};
Result<ListenAddress> ParseListen(const std::string& text);

// Blocks until `stop` is requested.
void WaitForStop(const std::stop_token& stop);

}  // namespace stargaze::app
