// Bodies that do not arrive as they should: cut, slow, endless.

#pragma once

#include <chrono>
#include <functional>
#include <string>

#include "net/http_client.h"
#include "sandbox/faults.h"

namespace stargaze::sandbox {

// One stretch of a body that is sent bit by bit.
struct BodyPiece {
  enum class Then : unsigned char {
    kMore,  // Ask for the next piece.
    kEnd,   // The body is whole.
    kCut,   // The connection breaks off.
  };
  std::string bytes{};
  Then then = Then::kEnd;
};

// Called until its piece ends the body; one call at a time.
using BodyWriter = std::function<BodyPiece()>;

// An answer as it leaves the source.
struct PacedResponse {
  // Its body is what a client could have read when it gave up: whole for a slow one, half for the
  // others.
  net::HttpResponse response{};
  BodyWriter writer{};                    // Empty: the body as it is, at once.
  std::chrono::milliseconds interval{0};  // Before each piece.
};

// Whether the kind is about how a body is sent, not about what it says.
bool IsAboutPace(FaultKind kind);

// The response with a writer that sends it so.
PacedResponse Paced(FaultKind kind, net::HttpResponse response);

}  // namespace stargaze::sandbox
