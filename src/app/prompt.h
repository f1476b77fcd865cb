// Asking the person at the terminal.

#pragma once

#include <string>

#include "app/session.h"

namespace stargaze::app {

// One line of standard input, at most 4 KiB; at a terminal it is asked for by `question` on
// standard error and not shown while it is typed. kInvalidInput at a terminal with --no-input, and
// for a longer line; kCancelled. Empty at the end of the input.
Result<std::string> AskSecret(Session& session, const std::string& question);

}  // namespace stargaze::app
