// Everything in one process: scheduler, workers, API, dashboard.

#pragma once

#include "app/session.h"

namespace stargaze::app {

// Until the session is stopped. A demo's folder is only served: its simulated GitHub is not there.
Status Up(Session& session, Instance& instance);

// The API and the dashboard alone: runs can be looked at, and nothing runs.
Status ServeOnly(Session& session, Instance& instance);

}  // namespace stargaze::app
