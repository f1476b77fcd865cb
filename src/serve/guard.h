// Who may ask what: host names, origins, the admin token.

#pragma once

#include <string>

#include "base/result.h"
#include "net/http_server.h"

namespace stargaze::serve {

// A page of another site that resolves its name to this machine (DNS rebinding) sends its own host
// name.
bool IsLocalHost(const net::ServerRequest& request);

bool IsChange(const net::ServerRequest& request);

// Ok for a change that carries the admin token or came over the data folder's socket, and whose
// Origin, if it has one, is this server's own; kUnauthorized otherwise.
Status AuthorizeChange(const net::ServerRequest& request, const std::string& admin_token);

}  // namespace stargaze::serve
