// An HTTP/1.1 server on loopback TCP or a Unix socket (Boost.Beast).

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "base/result.h"
#include "net/http_client.h"
#include "net/url.h"

namespace stargaze::net {

struct ServerRequest {
  std::string method{};
  std::string target{};     // As received: "/api/v1/pages/trends?m=stars"
  std::string path{};       // Percent-decoded, begins with '/'.
  QueryParameters query{};  // Decoded, in order.
  Headers headers{};
  std::string body{};
  bool local_socket = false;  // Came over the Unix socket: the file's mode has admitted the caller.

  // First value of a query parameter, nullopt without one.
  std::optional<std::string> Param(std::string_view name) const;
};

// One stretch of a body that is written bit by bit.
struct BodyPiece {
  enum class Then : unsigned char {
    kMore,   // Ask for the next piece.
    kEnd,    // The body is whole, or as whole as it will ever be: the connection closes.
    kReset,  // The connection is reset (RST).
  };
  std::chrono::milliseconds wait{0};  // Before the bytes are sent.
  std::string bytes{};
  Then then = Then::kEnd;
};

// Called on a server's thread until its piece ends the body; must not block.
using BodyWriter = std::function<BodyPiece()>;

// What a handler answers. The writer is for servers that misbehave on purpose: bodies that come
// slowly, never end, or break off.
struct ServerResponse {
  ServerResponse() = default;
  ServerResponse(HttpResponse whole) : response(std::move(whole)) {}  // NOLINT(*-explicit-*)

  HttpResponse response{};   // Its body is not sent when there is a writer.
  BodyWriter body_writer{};  // Empty: the body as it is.
  // What Content-Length says of a written body; negative: the body is chunked.
  int64_t announced_bytes = -1;
};

// Called on one of the server's threads, several at a time. What it throws becomes a 500.
using ServerHandler = std::function<ServerResponse(const ServerRequest&)>;

struct ServerOptions {
  std::string address = "127.0.0.1";  // Loopback only; kInvalidInput otherwise.
  uint16_t port = 0;                  // 0: any free one.
  std::string unix_socket{};          // Path of a further listener (mode 0600); empty: none.
  int threads = 2;
  int64_t header_bytes_max = 16 << 10;
  int64_t body_bytes_max = 1 << 20;
  int connections_max = 1024;
  int idle_seconds_max = 60;
};

class HttpServer {
 public:
  // Listens at once. kConflict when the port is taken, with the port and the remedy in the message.
  static Result<std::unique_ptr<HttpServer>> Start(const ServerOptions& options,
                                                   ServerHandler handler);
  // Stops accepting, lets running handlers end, closes.
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  uint16_t port() const;

 private:
  struct Impl;
  explicit HttpServer(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::net
