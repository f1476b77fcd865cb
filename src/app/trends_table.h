// The top 10 by stars, as text.

#pragma once

#include "app/session.h"

namespace stargaze::app {

// Nothing is printed but a note when no day has been closed yet.
Status PrintTop10(Session& session, Instance& instance);

}  // namespace stargaze::app
