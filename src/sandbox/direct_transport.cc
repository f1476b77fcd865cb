#include "sandbox/direct_transport.h"

#include <algorithm>
#include <utility>

#include "net/url.h"

namespace stargaze::sandbox {
namespace {

// "http://host:port/path?query" apart: the authority, and the target from the path on.
std::pair<std::string_view, std::string_view> Apart(std::string_view url) {
  const std::size_t scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  const std::size_t slash = std::min(url.find('/'), url.size());
  return {url.substr(0, slash), url.substr(slash)};
}

Result<net::ServerRequest> Received(const net::HttpRequest& request) {
  const auto [authority, target] = Apart(request.url);
  net::ServerRequest received{.method = request.method,
                              .target = std::string(target),
                              .headers = request.headers,
                              .body = request.body};
  SG_TRY(net::UrlParts parts, net::ParseTarget(received.target));
  std::optional<std::string> path = net::PercentDecode(parts.path);
  if (!path) return Error(ErrorKind::kInvalidInput, "malformed URL: " + request.url);
  received.path = std::move(*path);
  received.query = std::move(parts.query);
  received.headers.Add("host", authority);
  if (!received.headers.Find("user-agent")) received.headers.Add("user-agent", "direct");
  return received;
}

}  // namespace

Result<net::HttpResponse> DirectTransport::Send(const net::HttpRequest& request,
                                                const std::stop_token& stop) {
  SG_TRY(const net::ServerRequest received, Received(request));
  PacedResponse served = api_.Exchange(received);
  if (served.writer) {
    SG_TRY(served.response.body, Drain(request, served, stop));
  }
  if (static_cast<int64_t>(served.response.body.size()) > request.body_bytes_max)
    return Error(ErrorKind::kExhausted, "the response is larger than the limit: " + request.url);
  return std::move(served.response);
}

Result<std::string> DirectTransport::Drain(const net::HttpRequest& request,
                                           PacedResponse& served,
                                           const std::stop_token& stop) {
  const Instant deadline = clock_.Now() + request.total_timeout;
  std::string body;
  while (true) {
    const BodyPiece piece = served.writer();
    const Instant then = clock_.Now() + served.interval;
    if (served.interval.count() > 0)
      SG_RETURN_IF_ERROR(clock_.SleepUntil(std::min(then, deadline), stop));
    if (then > deadline)
      return Error(ErrorKind::kTimeout, "the response did not end in time: " + request.url);
    body += piece.bytes;
    if (static_cast<int64_t>(body.size()) > request.body_bytes_max)
      return Error(ErrorKind::kExhausted, "the response is larger than the limit: " + request.url);
    if (piece.then == BodyPiece::Then::kCut)
      return Error(ErrorKind::kUnavailable, "the response broke off: " + request.url);
    if (piece.then == BodyPiece::Then::kEnd) return body;
  }
}

}  // namespace stargaze::sandbox
