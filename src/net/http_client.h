// HTTP as the rest of the program sees it: a request, a response, and something that exchanges
// them.

#pragma once

#include <chrono>
#include <cstdint>
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

struct HttpRequest {
  std::string method = "GET";
  std::string url{};
  Headers headers{};
  std::string body{};
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds total_timeout{60'000};
  int64_t body_bytes_max = int64_t{64} << 20;
  std::string unix_socket{};  // Path; empty: TCP.
};

struct HttpResponse {
  int status = 0;
  Headers headers{};
  std::string body{};
};

/// A response of any status is a value; an error means that there is no whole response: kTimeout,
/// kUnavailable (refused, reset, cut short), kExhausted (body over the limit), kInvalidInput (URL),
/// kCancelled. Safe for concurrent use.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;
  virtual Result<HttpResponse> Send(const HttpRequest& request, const std::stop_token& stop) = 0;
};

// libcurl: connections are kept and reused, bodies decompressed, TLS verified, no redirects
// followed.
class CurlTransport final : public HttpTransport {
 public:
  static Result<std::unique_ptr<CurlTransport>> Create(std::string user_agent);
  ~CurlTransport() override;

  Result<HttpResponse> Send(const HttpRequest& request, const std::stop_token& stop) override;

 private:
  struct Impl;
  explicit CurlTransport(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::net
