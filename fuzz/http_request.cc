// The HTTP server's way from bytes to a request: header limits, target, fields, log line. Nothing
// may crash, and what comes out keeps its promises.

#include <cstddef>
#include <cstdint>

#include "base/assert.h"
#include "net/http_session.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  namespace net = stargaze::net;
  net::http::request_parser<net::http::string_body> parser;
  constexpr uint32_t kHeaderMax = 16 << 10;
  constexpr uint64_t kBodyMax = 1 << 20;
  parser.header_limit(kHeaderMax);
  parser.body_limit(kBodyMax);
  parser.eager(true);
  net::beast::error_code error;
  parser.put(net::asio::buffer(data, size), error);
  if (error) {
    (void)net::StatusOf(error, parser.get());
    return 0;
  }
  if (!parser.is_done() || net::ForbiddenStatus(parser.get(), {}) != 0) return 0;
  const auto request = net::ToServerRequest(parser.release());
  if (!request.ok()) return 0;
  SG_ASSERT(request.value().path.starts_with('/'));
  SG_ASSERT(request.value().path.find_first_of(std::string("\r\n\0", 3)) == std::string::npos);
  SG_ASSERT(net::LoggedTarget(request.value()).find_first_of(" \r\n") == std::string::npos);
  return 0;
}
