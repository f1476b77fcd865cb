// The server process: API, dashboard, and the commands that others ask it to run.

#pragma once

#include "app/session.h"

namespace stargaze::app {

// `instance` has its scheduling. Serves the instance until the session is stopped; prints the address when it listens.
Status Serve(Session& session, Instance& instance);

}  // namespace stargaze::app
