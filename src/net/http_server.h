// An HTTP/1.1 server on TCP, with or without TLS, and on a Unix socket (Boost.Beast parses).
// Everything a client can make grow or last has a limit here.

#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_client.h"
#include "net/push_stream.h"
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
  bool tls = false;
  std::string client{};  // Address of the other end, without its port; empty for the Unix socket.
  std::string request_id{};  // Also in the answer's x-request-id and in the access log.
  std::stop_token stop{};    // Requested when nobody waits for the answer any more.

  // First value of a query parameter, nullopt without one.
  std::optional<std::string> Param(std::string_view name) const;
};

// Appends the next part of a body to `chunk`; false when nothing follows. Called on a handler's
// thread, one call at a time, and not before the part before has been taken by the client. An error
// cuts the answer off.
using BodySource = std::function<Result<bool>(std::string& chunk)>;

struct ServerResponse {
  ServerResponse() = default;
  // Not explicit: a handler that has a whole answer returns it.
  // NOLINTNEXTLINE(google-explicit-constructor)
  ServerResponse(HttpResponse whole) : answer(std::move(whole)) {}

  HttpResponse answer{};
  // Instead of answer.body, at most one of:
  std::string_view fixed_body{};  // Lives as long as the process.
  BodySource source{};
  std::shared_ptr<PushStream> push{};
};

using ServerHandler = std::function<ServerResponse(const ServerRequest&)>;

struct AccessRecord {
  std::string method{};
  std::string target{};  // The path, and the names of the parameters without their values.
  std::string client{};
  std::string request_id{};
  int status = 0;
  int64_t body_bytes = 0;
  int64_t microseconds = 0;  // From the whole header to the last byte written.
};

struct TlsFiles {
  std::string certificate{};  // PEM, with the chain.
  std::string key{};          // PEM.
};

struct ServerOptions {
  std::string address = "127.0.0.1";
  uint16_t port = 0;                   // 0: any free one.
  std::string unix_socket{};           // Path of a further listener (mode 0600); empty: none.
  std::optional<TlsFiles> tls{};       // Off loopback this or `proxies` must be there.
  std::vector<std::string> proxies{};  // Off loopback without TLS only these addresses are let in.
  int threads = 2;                     // For connections; handlers have `handlers` of their own.
  int handlers = 4;
  int waiting_max = 256;  // Requests that wait for a handler; more are answered with 503.
  int64_t header_bytes_max = 16 << 10;
  int header_fields_max = 100;
  int64_t target_bytes_max = 8 << 10;
  int64_t body_bytes_max = 1 << 20;
  int64_t answer_bytes_max = 64 << 20;   // A larger body must be a BodySource.
  int64_t unsent_bytes_max = 256 << 20;  // Of all answers together; beyond it requests get 503.
  int connections_max = 2048;
  int connections_per_client_max = 1024;
  int idle_seconds_max = 60;
  int header_seconds_max = 10;  // From a request's first byte to its header's last.
  int body_seconds_max = 30;
  int handling_seconds_max = 60;  // Not for the Unix socket, whose requests run pipelines.
  int write_seconds_max = 10;     // And a second more for every 8 KiB.
  int stop_seconds_max = 8;
  // Answers without waiting (files, 304), on the connection's own thread; nullopt: ask the handler.
  std::function<std::optional<ServerResponse>(const ServerRequest&)> quick{};
  // How a request that no handler sees is refused; empty: plain text.
  std::function<HttpResponse(int status, const Error& error, const std::string& request_id)>
      refusal{};
  std::function<void(const AccessRecord&)> access{};  // Called on the server's threads.
  const Clock* clock = nullptr;  // For dates and durations; nullptr: the system's.
};

class HttpServer {
 public:
  // Listens at once. kConflict when the port is taken, with the port and the remedy in the message.
  // `handler` runs on several threads at a time; what it throws becomes a 500.
  static Result<std::unique_ptr<HttpServer>> Start(const ServerOptions& options,
                                                   ServerHandler handler);
  // Stops accepting, ends what runs within stop_seconds_max, closes.
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
