// What the connections of an HTTP server share, and one connection as the server sees it. Private
// to net/.

#pragma once

#include <atomic>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "net/http_server.h"

namespace stargaze::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

using BeastRequest = http::request<http::string_body>;

// Both may be called from any thread.
class Connection {
 public:
  virtual ~Connection() = default;
  virtual void CheckDeadline() = 0;
  virtual void Stop() = 0;
};

// Outlives all connections. Time is counted in ticks of one timer: a deadline per connection costs
// no timer each.
class SessionShared {
 public:
  static constexpr int kTicksPerSecond = 4;

  SessionShared(const ServerOptions& chosen, ServerHandler handle);

  // False over a limit; else `client` counts until Leave.
  bool Enter(const std::string& client);
  void Leave(const std::string& client);
  void Add(Connection* connection, std::weak_ptr<Connection> owner);
  void Remove(Connection* connection);
  std::vector<std::shared_ptr<Connection>> Connections();
  // False when connections are still there after that long.
  bool WaitUntilEmpty(int seconds);

  // Never throws.
  ServerResponse Handle(const ServerRequest& request) const;
  ServerResponse Refuse(int status, const Error& error, const std::string& request_id) const;
  std::string NextRequestId();
  std::string HttpDate();
  Instant Now() const;

  const ServerOptions options;
  const ServerHandler handler;
  std::atomic<int64_t> tick{0};
  std::atomic<bool> stopping{false};  // What runs may end.
  std::atomic<bool> aborting{false};  // Nothing may.
  std::atomic<int> waiting{0};        // Requests at or before a handler.
  std::atomic<int64_t> unsent_bytes{0};
  asio::thread_pool pool;
  asio::thread_pool local_pool;  // Commands over the Unix socket may run for hours.

 private:
  SystemClock system_clock_;
  std::string id_prefix_;
  std::atomic<uint64_t> next_id_{1};
  std::mutex mutex_;
  std::condition_variable empty_;
  std::map<std::string, int> clients_;
  int entered_ = 0;
  std::map<Connection*, std::weak_ptr<Connection>> connections_;
  std::mutex date_mutex_;
  std::chrono::sys_seconds date_second_{};
  std::string date_;
};

// Our request from Beast's; an Error's kind and text say why it is none.
Result<ServerRequest> ToServerRequest(BeastRequest&& request);

// What the header alone forbids: 0, or the status of the refusal.
int ForbiddenStatus(const BeastRequest& request, const ServerOptions& options);

// The status for what is no request; 0: the other end is gone, nobody reads an answer.
int StatusOf(const beast::error_code& error, const BeastRequest& begun);
Error RefusalFor(int status);

// Status line and header. Values with control characters are left out: none can end a line early.
std::string HeadOf(const HttpResponse& answer,
                   unsigned version,
                   const std::vector<std::pair<std::string_view, std::string>>& more);
bool HasBody(int status);

// "GET /a?m=stars&w=7d" → "/a?m&w"
std::string LoggedTarget(const ServerRequest& request);

}  // namespace stargaze::net
