// An HTTP/1.1 server on loopback TCP or a Unix socket (Boost.Beast).

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

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

// Called on one of the server's threads, several at a time. What it throws becomes a 500.
using ServerHandler = std::function<HttpResponse(const ServerRequest&)>;

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
