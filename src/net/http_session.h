// One connection of the HTTP server: reads a request, calls the handler, writes the answer, again.
// Private to net/.

#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <type_traits>
#include <utility>

#include <boost/asio/dispatch.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include "net/http_server.h"

namespace stargaze::net {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;

// What all sessions of a server use; outlives them.
struct SessionShared {
  ServerOptions options{};
  ServerHandler handler{};
  std::atomic<int> connections{0};
};

using BeastRequest = http::request<http::string_body>;
using BeastResponse = http::response<http::string_body>;

// Our request from Beast's; nullopt when the target is malformed.
std::optional<ServerRequest> ToServerRequest(BeastRequest&& request, bool local_socket);

// Calls the handler; whatever it throws becomes a 500.
BeastResponse Answer(const SessionShared& shared, BeastRequest&& request, bool local_socket);

// The answer to what is no request: 400, 413 or 431, after which the connection is closed.
BeastResponse AnswerTo(const beast::error_code& parse_error);

template <typename Protocol>
class Session : public std::enable_shared_from_this<Session<Protocol>> {
 public:
  Session(typename Protocol::socket socket, SessionShared& shared)
      : stream_(std::move(socket)), shared_(shared) {
    ++shared_.connections;
  }
  ~Session() { --shared_.connections; }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void Run() {
    if constexpr (std::is_same_v<Protocol, asio::ip::tcp>) {
      beast::error_code ignored;
      stream_.socket().set_option(asio::ip::tcp::no_delay(true), ignored);
    }
    asio::dispatch(stream_.get_executor(), [self = this->shared_from_this()] { self->Read(); });
  }

 private:
  static constexpr bool kIsLocal = !std::is_same_v<Protocol, asio::ip::tcp>;

  void Read() {
    parser_.emplace();
    parser_->header_limit(static_cast<uint32_t>(shared_.options.header_bytes_max));
    parser_->body_limit(static_cast<uint64_t>(shared_.options.body_bytes_max));
    stream_.expires_after(std::chrono::seconds(shared_.options.idle_seconds_max));
    http::async_read(stream_,
                     buffer_,
                     *parser_,
                     [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                       self->OnRead(error);
                     });
  }

  void OnRead(const beast::error_code& error) {
    if (error == http::error::end_of_stream || error == beast::error::timeout ||
        error == asio::error::operation_aborted || error == asio::error::connection_reset) {
      return;
    }
    if (error) {
      Write(AnswerTo(error));
    } else {
      Write(Answer(shared_, parser_->release(), kIsLocal));
    }
  }

  void Write(BeastResponse response) {
    response_ = std::make_unique<BeastResponse>(std::move(response));
    stream_.expires_after(std::chrono::seconds(shared_.options.idle_seconds_max));
    http::async_write(stream_,
                      *response_,
                      [self = this->shared_from_this()](beast::error_code error, std::size_t) {
                        if (error) return;
                        if (!self->response_->keep_alive()) {
                          beast::error_code ignored;
                          self->stream_.socket().shutdown(asio::socket_base::shutdown_send,
                                                          ignored);
                          return;
                        }
                        self->Read();
                      });
  }

  beast::basic_stream<Protocol> stream_;
  SessionShared& shared_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::unique_ptr<BeastResponse> response_;
};

}  // namespace stargaze::net
