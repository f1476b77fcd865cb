// Asking a server to run a command: the one that holds the data folder, or the one that --server
// names.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/session.h"

namespace stargaze::app {

// The name under which `serve` knows the operation.
inline constexpr const char* kCliOperation = "cli";

struct ServerAnswer {
  int exit_code = 0;
  std::string out{};
  std::string err{};
};

// The origin of --server's URL, to which an admin token may go: "https://stars.example.org".
// kInvalidInput with a path; kUnauthorized for plain HTTP to another machine.
Result<std::string> ServerAddress(const std::string& url);

// The command as --server's server has run it, or else the one that holds the folder; nullopt when
// no process holds it. kConflict when one does that does not answer; of --server: kUnauthorized
// without its admin token, or what the transport says.
Result<std::optional<ServerAnswer>> AskServer(Session& session,
                                              const std::vector<std::string>& arguments);

// The text of a field of the only row that a command printed as JSON; empty without one.
std::string FieldOf(const std::string& printed, const char* name);

// As AskServer, and prints what comes back; gives the exit code. nullopt when no process holds the
// folder, so that the command opens it itself.
Result<std::optional<int>> ForwardToServer(Session& session,
                                           const std::vector<std::string>& arguments);

}  // namespace stargaze::app
