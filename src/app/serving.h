// The server process: API, dashboard, and the commands that others ask it to run.

#pragma once

#include "app/session.h"
#include "metrics/metrics.h"

namespace stargaze::app {

// `instance` has its scheduling. Serves the instance until the session is stopped; prints the
// address when it listens. `metrics` is what /metrics shows.
Status Serve(Session& session, Instance& instance, metrics::Metrics& metrics);

}  // namespace stargaze::app
