// One line on how things stand, for who types `stargaze` alone.

#pragma once

#include <string>

#include "app/session.h"

namespace stargaze::app {

// "/home/ada/.local/share/stargaze · a server runs · published 2026-01-31T02:14:00Z, 3 h ago", or
// what to do first. Reads what is published; opens nothing that another process may hold.
std::string StatusLine(Session& session);

}  // namespace stargaze::app
