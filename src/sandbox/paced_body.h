// Bodies that do not arrive as they should: cut, reset, slow, endless.

#pragma once

#include "net/http_server.h"
#include "sandbox/faults.h"

namespace stargaze::sandbox {

// Whether the kind is about how a body is sent, not about what it says.
bool IsAboutPace(FaultKind kind);

// The response with a writer that sends it so. Its own body is what a client could have read when
// it gave up: whole for a slow one, half for the others.
net::ServerResponse Paced(FaultKind kind, net::HttpResponse response);

}  // namespace stargaze::sandbox
