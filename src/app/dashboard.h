// The dashboard of the server that holds the data folder.

#pragma once

#include <string>

#include "app/session.h"

namespace stargaze::app {

// "http://127.0.0.1:8686/". kNotFound when no process serves the folder.
Result<std::string> DashboardAddress(Session& session);

// Prints the page's address; at a terminal it is opened in the person's browser too ($BROWSER, or
// xdg-open), and where there is none, the address has to do. `path` as in "data" or "?w=28d".
Status ShowPage(Session& session, const std::string& path);

}  // namespace stargaze::app
