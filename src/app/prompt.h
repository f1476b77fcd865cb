// Asking the person at the terminal.

#pragma once

#include <string>

#include "app/session.h"

namespace stargaze::app {

// All of standard input, at most 64 KiB; at a terminal a line, which is asked for by `question` on
// standard error and not shown while it is typed. kInvalidInput at a terminal with --no-input, and
// for more; kCancelled.
Result<std::string> AskSecret(Session& session, const std::string& question);

}  // namespace stargaze::app
