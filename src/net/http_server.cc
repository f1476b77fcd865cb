#include "net/http_server.h"

#include <fmt/core.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <thread>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

#include "net/http_connection.h"

namespace stargaze::net {
namespace {

using boost::system::error_code;
using Tcp = asio::ip::tcp;
using Local = asio::local::stream_protocol;

constexpr std::chrono::milliseconds kTick{1000 / SessionShared::kTicksPerSecond};

// Accepts on one endpoint and gives every connection an object of its own.
template <typename Protocol>
class Listener : public std::enable_shared_from_this<Listener<Protocol>> {
 public:
  Listener(asio::io_context& io, SessionShared& shared, asio::ssl::context* tls)
      : io_(io), acceptor_(io), retry_(io), shared_(shared), tls_(tls) {}

  error_code Listen(const typename Protocol::endpoint& endpoint) {
    error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address(true), error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (!error) local_endpoint_ = acceptor_.local_endpoint(error);
    return error;
  }

  void Accept() {
    acceptor_.async_accept(asio::make_strand(io_),
                           [self = this->shared_from_this()](const error_code& error,
                                                             typename Protocol::socket socket) {
                             if (error == asio::error::operation_aborted) return;
                             if (error) return self->AcceptLater();
                             self->Take(std::move(socket));
                             self->Accept();
                           });
  }

  void Close() {
    asio::post(acceptor_.get_executor(), [self = this->shared_from_this()] {
      error_code ignored;
      self->acceptor_.close(ignored);
      self->retry_.cancel();
    });
  }

  const typename Protocol::endpoint& endpoint() const { return local_endpoint_; }

 private:
  // Out of file descriptors: an accept at once would fail at once, for ever.
  void AcceptLater() {
    retry_.expires_after(kTick);
    retry_.async_wait([self = this->shared_from_this()](const error_code& error) {
      if (!error) self->Accept();
    });
  }

  // Over a limit the socket is closed by its destructor: refusing is cheaper than answering.
  void Take(typename Protocol::socket socket) {
    std::string client;
    if constexpr (std::is_same_v<Protocol, Tcp>) {
      error_code error;
      const Tcp::endpoint peer = socket.remote_endpoint(error);
      if (error || !MayConnect(peer.address())) return;
      client = peer.address().to_string();
      socket.set_option(Tcp::no_delay(true), error);
    }
    if (!shared_.Enter(client)) return;
    if constexpr (std::is_same_v<Protocol, Tcp>) {
      RunConnection(std::move(socket), shared_, std::move(client), tls_);
    } else {
      RunConnection(std::move(socket), shared_);
    }
  }

  // Off loopback and without TLS only a listed proxy is let in.
  bool MayConnect(const asio::ip::address& peer) const {
    if (peer.is_loopback() || tls_ != nullptr) return true;
    const std::vector<std::string>& proxies = shared_.options.proxies;
    return std::find(proxies.begin(), proxies.end(), peer.to_string()) != proxies.end();
  }

  asio::io_context& io_;
  typename Protocol::acceptor acceptor_;
  asio::steady_timer retry_;
  SessionShared& shared_;
  asio::ssl::context* tls_;
  typename Protocol::endpoint local_endpoint_{};
};

Result<Tcp::endpoint> EndpointOf(const ServerOptions& options) {
  error_code error;
  const asio::ip::address address =
      asio::ip::make_address(options.address == "localhost" ? "127.0.0.1" : options.address, error);
  if (error)
    return Error(ErrorKind::kInvalidInput,
                 "not an IP address to listen on: '" + options.address + "'")
        .Remedy("write --listen 127.0.0.1:8686");
  if (!address.is_loopback() && !options.tls && options.proxies.empty()) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("refusing to listen on {}, which is not a loopback address: without "
                             "TLS everybody on "
                             "the way could read and change what is sent",
                             options.address))
        .Remedy(
            "listen on 127.0.0.1; or set server.tls_certificate and server.tls_key; or set "
            "server.proxy_addresses and the proxy's secret");
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

Result<std::unique_ptr<asio::ssl::context>> TlsContext(const TlsFiles& files) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code error;
  const auto refuse = [&error](const char* what, const std::string& file) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("TLS: cannot use the {} {}: {}", what, file, error.message()))
        .Remedy("name a readable PEM file, and the key that belongs to the certificate");
  };
  context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1, error);
  if (!error) context->use_certificate_chain_file(files.certificate, error);
  if (error) return refuse("certificate", files.certificate);
  context->use_private_key_file(files.key, asio::ssl::context::pem, error);
  if (error) return refuse("key", files.key);
  return context;
}

// The usual soft limit of 1,024 open files is less than the connections we allow.
void RaiseFileLimit(int connections) {
  constexpr rlim_t kOtherFiles = 512;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t wanted = static_cast<rlim_t>(connections) + kOtherFiles;
  if (limit.rlim_cur >= wanted) return;
  limit.rlim_cur = std::min(wanted, limit.rlim_max);
  (void)setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

struct HttpServer::Impl {
  Impl(const ServerOptions& options, ServerHandler handler)
      : shared(options, std::move(handler)), io(options.threads), ticker(io) {}

  SessionShared shared;  // Outlives the connections, which io holds.
  std::unique_ptr<asio::ssl::context> tls;
  asio::io_context io;
  asio::steady_timer ticker;
  std::shared_ptr<Listener<Tcp>> tcp;
  std::shared_ptr<Listener<Local>> local;
  std::vector<std::jthread> threads;

  Status ListenLocal(const std::string& path) {
    ::unlink(path.c_str());  // A killed process leaves its socket; the data folder's lock says that
                             // nobody listens.
    local = std::make_shared<Listener<Local>>(io, shared, nullptr);
    const mode_t before = ::umask(0177);
    const error_code error = local->Listen(Local::endpoint(path));
    ::umask(before);
    if (error)
      return Error(ErrorKind::kUnavailable,
                   fmt::format("cannot listen on the socket {}: {}", path, error.message()));
    local->Accept();
    return Ok();
  }

  void Tick() {
    ticker.expires_after(kTick);
    ticker.async_wait([this](const error_code& error) {
      if (error) return;
      ++shared.tick;
      for (const auto& connection : shared.Connections()) connection->CheckDeadline();
      Tick();
    });
  }

  void Stop() {
    shared.stopping = true;
    tcp->Close();
    if (local) local->Close();
    for (const auto& connection : shared.Connections()) connection->Stop();
    if (!shared.WaitUntilEmpty(shared.options.stop_seconds_max)) {
      shared.aborting = true;
      for (const auto& connection : shared.Connections()) connection->Stop();
      (void)shared.WaitUntilEmpty(1);
    }
    io.stop();
    threads.clear();
    shared.pool.stop();
    shared.local_pool.stop();
    shared.pool.join();  // What a handler does when its time is up, its stop token ends.
    shared.local_pool.join();
  }
};

HttpServer::HttpServer(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}

Result<std::unique_ptr<HttpServer>> HttpServer::Start(const ServerOptions& options,
                                                      ServerHandler handler) {
  SG_TRY(const Tcp::endpoint endpoint, EndpointOf(options));
  auto impl = std::make_unique<Impl>(options, std::move(handler));
  if (options.tls) {
    SG_TRY(impl->tls, TlsContext(*options.tls));
  }
  RaiseFileLimit(options.connections_max);
  impl->tcp = std::make_shared<Listener<Tcp>>(impl->io, impl->shared, impl->tls.get());
  if (const error_code error = impl->tcp->Listen(endpoint)) return ListenError(options, error);
  impl->tcp->Accept();
  if (!options.unix_socket.empty()) SG_RETURN_IF_ERROR(impl->ListenLocal(options.unix_socket));
  impl->Tick();
  for (int i = 0; i < options.threads; ++i) {
    impl->threads.emplace_back([io = &impl->io] { io->run(); });
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(impl)));
}

HttpServer::~HttpServer() {
  impl_->Stop();
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
