// Connections of the HTTP server: each lives as long as something waits on it. Private to net/.

#pragma once

#include <string>

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/ssl/context.hpp>

#include "net/http_session.h"

namespace stargaze::net {

// `client` has been entered into `shared` and leaves it at the end. Without `tls` as plain HTTP.
void RunConnection(asio::ip::tcp::socket socket,
                   SessionShared& shared,
                   std::string client,
                   asio::ssl::context* tls);
void RunConnection(asio::local::stream_protocol::socket socket, SessionShared& shared);

}  // namespace stargaze::net
