// Asking the server that holds a data folder to run a command.

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

// The command as the server that holds the folder has run it; nullopt when no process holds it.
// kConflict when one does that does not answer.
Result<std::optional<ServerAnswer>> AskServer(Session& session,
                                              const std::vector<std::string>& arguments);

// The text of a field of the only row that a command printed as JSON; empty without one.
std::string FieldOf(const std::string& printed, const char* name);

// Sends the arguments over the folder's socket and prints what comes back; gives the exit code.
// nullopt when no process holds the folder, so that the command opens it itself. kConflict when one
// does that does not answer.
Result<std::optional<int>> ForwardToServer(Session& session,
                                           const std::vector<std::string>& arguments);

}  // namespace stargaze::app
