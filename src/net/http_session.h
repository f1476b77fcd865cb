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
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
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

// What goes to the client: a response, and perhaps a writer of its body.
struct Outgoing {
  BeastResponse response{};
  BodyWriter body_writer{};
};

// Calls the handler; whatever it throws becomes a 500.
Outgoing Answer(const SessionShared& shared, BeastRequest&& request, bool local_socket);

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
      Outgoing outgoing = Answer(shared_, parser_->release(), kIsLocal);
      if (outgoing.body_writer) {
        WriteHead(std::move(outgoing));
      } else {
        Write(std::move(outgoing.response));
      }
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

  // A body that is written bit by bit: the head, then piece after piece, then the end of the
  // connection.
  void WriteHead(Outgoing outgoing) {
    response_ = std::make_unique<BeastResponse>(std::move(outgoing.response));
    body_writer_ = std::move(outgoing.body_writer);
    serializer_ = std::make_unique<http::response_serializer<http::string_body>>(*response_);
    stream_.expires_after(std::chrono::seconds(shared_.options.idle_seconds_max));
    http::async_write_header(
        stream_,
        *serializer_,
        [self = this->shared_from_this()](beast::error_code error, std::size_t) {
          if (!error) self->NextPiece();
        });
  }

  void NextPiece() {
    piece_ = body_writer_();
    if (piece_.wait <= std::chrono::milliseconds(0)) return WritePiece();
    stream_.expires_never();
    timer_.expires_after(piece_.wait);
    timer_.async_wait([self = this->shared_from_this()](beast::error_code error) {
      if (!error) self->WritePiece();
    });
  }

  void WritePiece() {
    if (piece_.bytes.empty()) return AfterPiece();
    const auto done = [self = this->shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->AfterPiece();
    };
    stream_.expires_after(std::chrono::seconds(shared_.options.idle_seconds_max));
    const asio::const_buffer bytes(piece_.bytes.data(), piece_.bytes.size());
    if (response_->chunked()) {
      asio::async_write(stream_, http::make_chunk(bytes), done);
    } else {
      asio::async_write(stream_, bytes, done);
    }
  }

  void AfterPiece() {
    if (piece_.then == BodyPiece::Then::kMore) return NextPiece();
    beast::error_code ignored;
    if (piece_.then == BodyPiece::Then::kReset) {
      // Closing with a linger of zero sends a RST instead of a FIN.
      stream_.socket().set_option(asio::socket_base::linger(true, 0), ignored);
      stream_.socket().close(ignored);
      return;
    }
    if (!response_->chunked()) {
      stream_.socket().shutdown(asio::socket_base::shutdown_send, ignored);
      return;
    }
    asio::async_write(stream_,
                      http::make_chunk_last(),
                      [self = this->shared_from_this()](beast::error_code, std::size_t) {
                        beast::error_code at_end;
                        self->stream_.socket().shutdown(asio::socket_base::shutdown_send, at_end);
                      });
  }

  beast::basic_stream<Protocol> stream_;
  asio::steady_timer timer_{stream_.get_executor()};
  SessionShared& shared_;
  beast::flat_buffer buffer_;
  std::optional<http::request_parser<http::string_body>> parser_;
  std::unique_ptr<BeastResponse> response_;
  std::unique_ptr<http::response_serializer<http::string_body>> serializer_;
  BodyWriter body_writer_;
  BodyPiece piece_;
};

}  // namespace stargaze::net
