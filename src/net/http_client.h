// HTTP as the rest of the program sees it: a request, a response, and something that exchanges
// them.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace stargaze::net {

// In order of arrival; names in lower case.
class Headers {
 public:
  void Add(std::string_view name, std::string_view value);
  // The first value of that name (any case), nullopt without one.
  std::optional<std::string_view> Find(std::string_view name) const;
  const std::vector<std::pair<std::string, std::string>>& all() const { return all_; }

 private:
  std::vector<std::pair<std::string, std::string>> all_;
};

// One step of a chain of redirects: what answered with which status.
struct Redirect {
  int status = 0;
  std::string url{};  // That was asked, not where it pointed.
};

struct HttpResponse {
  int status = 0;
  Headers headers{};
  std::string body{};  // Decompressed.
  // What only a client knows; empty on a server.
  std::string url{};                  // That answered in the end.
  std::string http_version{};         // "1.1", "2"
  std::vector<Redirect> redirects{};  // In order; empty: the first URL answered.
};

struct HttpRequest {
  std::string method = "GET";
  std::string url{};
  Headers headers{};
  std::string body{};
  std::chrono::milliseconds connect_timeout{10'000};     // Name, TCP and TLS.
  std::chrono::milliseconds first_byte_timeout{30'000};  // From the start of connecting.
  std::chrono::milliseconds total_timeout{60'000};       // With the wait for a slot and redirects.
  int64_t body_bytes_max = int64_t{64} << 20;            // Counted after decompression.
  std::string unix_socket{};                             // Path; empty: TCP.
  int redirects_max = 5;  // GET and HEAD only; 0: a redirect is handed out as it is.
  // Asked on the sender's thread before a redirect is followed; an error ends the exchange with it.
  // Where requests are granted, this is where the next one is. Empty: followed.
  std::function<Status(const HttpResponse& redirect, const std::string& target)> on_redirect{};
};

/// A response of any status is a value; an error means that there is no whole response: kTimeout,
/// kUnavailable (refused, reset, cut short, an answer that is no HTTP), kExhausted (body over the
/// limit, queue full), kInvalidInput (URL, header), kUnauthorized (the peer's certificate),
/// kCorrupt (a redirect that must not be followed), kCancelled. Safe for concurrent use.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual Result<HttpResponse> Send(const HttpRequest& request, const std::stop_token& stop) = 0;
};

// Addresses of proxies, as the usual variables hold them. They may contain a password.
struct ProxySettings {
  std::string http{};        // For http URLs; empty: none.
  std::string https{};       // For https URLs.
  std::string exceptions{};  // Hosts that are asked directly, separated by commas; "*": all.
};

// From http_proxy (lower case only: a CGI request can set HTTP_PROXY), https_proxy, all_proxy and
// no_proxy in either case.
ProxySettings ProxyFrom(const std::map<std::string, std::string>& environment);

struct HttpClientOptions {
  std::string user_agent{};
  std::string ca_file{};  // PEM, instead of the system's authorities; empty: the system's.
  ProxySettings proxy{};  // The process's environment is not read.
  int exchanges_per_host_max = 100;  // GitHub's bound on concurrent requests.
  int waiting_max = 4096;            // Over all hosts; the next one is refused.
};

// libcurl: one thread drives all exchanges; connections are kept and shared (HTTP/2 over TLS is
// multiplexed), bodies decompressed, TLS verified. Redirects are followed hop by hop, never from
// https to http, and to another origin without anything that could be a credential.
class CurlTransport final : public HttpTransport {
 public:
  static Result<std::unique_ptr<CurlTransport>> Create(HttpClientOptions options);
  static Result<std::unique_ptr<CurlTransport>> Create(std::string user_agent);
  // Nobody may be sending any more.
  ~CurlTransport() override;

  Result<HttpResponse> Send(const HttpRequest& request, const std::stop_token& stop) override;

 private:
  struct Impl;
  explicit CurlTransport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::net
