#include "net/http_server.h"

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <utility>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/strand.hpp>

#include "net/http_session.h"

namespace stargaze::net {
namespace {

using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Local = asio::local::stream_protocol;

// Accepts on one endpoint and gives every connection a session of its own.
template <typename Protocol>
class Listener : public std::enable_shared_from_this<Listener<Protocol>> {
 public:
  Listener(asio::io_context& io, SessionShared& shared) : io_(io), acceptor_(io), shared_(shared) {}

  error_code Listen(const typename Protocol::endpoint& endpoint) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    return error;
  }

  void Accept() {
    acceptor_.async_accept(
        asio::make_strand(io_),
        [self = this->shared_from_this()](error_code error, typename Protocol::socket socket) {
          if (error == asio::error::operation_aborted) return;
          // Over the limit the socket is closed by its destructor: refusing is cheaper than
          // answering.
          if (!error && self->shared_.connections < self->shared_.options.connections_max) {
            std::make_shared<Session<Protocol>>(std::move(socket), self->shared_)->Run();
          }
          self->Accept();
        });
  }

  auto endpoint() const { return acceptor_.local_endpoint(); }

 private:
  asio::io_context& io_;
  typename Protocol::acceptor acceptor_;
  SessionShared& shared_;
};

Result<Tcp::endpoint> LoopbackEndpoint(const ServerOptions& options) {
  error_code error;
  const asio::ip::address address =
      asio::ip::make_address(options.address == "localhost" ? "127.0.0.1" : options.address, error);
  if (error || !address.is_loopback()) {
    return Error(ErrorKind::kInvalidInput,
                 "the address to listen on is not a loopback one: " + options.address)
        .Remedy(
            "use 127.0.0.1 or ::1; serving other machines needs TLS or a proxy, which this version "
            "does not have");
  }
  return Tcp::endpoint(address, options.port);
}

Error ListenError(const ServerOptions& options, const error_code& error) {
  if (error == asio::error::address_in_use) {
    return Error(ErrorKind::kConflict,
                 fmt::format("port {} of {} is in use", options.port, options.address))
        .Remedy(fmt::format("choose another one with --listen {}:PORT", options.address));
  }
  return {
      ErrorKind::kUnavailable,
      fmt::format("cannot listen on {}:{}: {}", options.address, options.port, error.message())};
}

}  // namespace

struct HttpServer::Impl {
  Impl(const ServerOptions& options, ServerHandler handler)
      : io(options.threads), shared{.options = options, .handler = std::move(handler)} {}

  asio::io_context io;
  SessionShared shared;
  std::shared_ptr<Listener<Tcp>> tcp;
  std::shared_ptr<Listener<Local>> local;
  std::vector<std::jthread> threads;

  Status ListenLocal(const std::string& path) {
    ::unlink(path.c_str());  // A killed process leaves its socket; the data folder's lock says that
                             // nobody listens.
    local = std::make_shared<Listener<Local>>(io, shared);
    const mode_t before = ::umask(0177);
    const error_code error = local->Listen(Local::endpoint(path));
    ::umask(before);
    if (error)
      return Error(ErrorKind::kUnavailable,
                   fmt::format("cannot listen on the socket {}: {}", path, error.message()));
    local->Accept();
    return Ok();
  }
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const ServerOptions& options,
                                                      ServerHandler handler) {
  SG_TRY(const Tcp::endpoint endpoint, LoopbackEndpoint(options));
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  impl->tcp = std::make_shared<Listener<Tcp>>(impl->io, impl->shared);
  if (const error_code error = impl->tcp->Listen(endpoint)) return ListenError(options, error);
  impl->tcp->Accept();
  if (!options.unix_socket.empty()) SG_RETURN_IF_ERROR(impl->ListenLocal(options.unix_socket));
  for (int i = 0; i < options.threads; ++i) {
    impl->threads.emplace_back([io = &impl->io] { io->run(); });
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() {
  impl_->io.stop();  // A handler that runs ends first: the threads are joined.
  impl_->threads.clear();
  if (!impl_->shared.options.unix_socket.empty())
    ::unlink(impl_->shared.options.unix_socket.c_str());
}

uint16_t HttpServer::port() const {
  return impl_->tcp->endpoint().port();
}

std::optional<std::string> ServerRequest::Param(std::string_view name) const {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return std::nullopt;
}

}  // namespace stargaze::net
