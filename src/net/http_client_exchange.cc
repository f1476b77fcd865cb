#include "net/http_client_exchange.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>

namespace stargaze::net {
namespace {

using std::chrono::milliseconds;

// Far more than any source sends; what does not end there is an attack or a fault.
constexpr std::size_t kHeaderBytesMax = 256U << 10U;

std::size_t OnBody(const char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::size_t bytes = size * count;
  exchange.body_begun = true;
  if (static_cast<int64_t>(exchange.response.body.size() + bytes) >
      exchange.request.body_bytes_max) {
    exchange.ended_by = EndedBy::kBodyTooLarge;
    return 0;  // Ends the transfer.
  }
  exchange.response.body.append(data, bytes);
  return bytes;
}

std::string_view Trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front())) != 0)
    text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back())) != 0)
    text.remove_suffix(1);
  return text;
}

std::size_t OnHeader(const char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(data, size * count);
  exchange.first_byte_seen = true;
  exchange.header_bytes += line.size();
  if (exchange.header_bytes > kHeaderBytesMax) {
    exchange.ended_by = EndedBy::kHeadersTooLarge;
    return 0;
  }
  if (exchange.body_begun) return line.size();  // A trailer: nobody here relies on one.
  exchange.header_ended = line == "\r\n" || line == "\n";
  if (line.starts_with("HTTP/")) {
    exchange.response.headers = Headers();  // A new response begins: what stood before was interim.
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    exchange.response.headers.Add(Trimmed(line.substr(0, colon)), Trimmed(line.substr(colon + 1)));
  }
  return line.size();
}

std::string VersionName(long version) {
  if (version == CURL_HTTP_VERSION_1_0) return "1.0";
  if (version == CURL_HTTP_VERSION_1_1) return "1.1";
  if (version == CURL_HTTP_VERSION_2_0) return "2";
  return "";
}

long LeftUntil(SteadyTime deadline) {
  const auto left = std::chrono::ceil<milliseconds>(deadline - SteadyNow());
  return static_cast<long>(std::max<int64_t>(1, left.count()));
}

void SetMethodAndBody(CURL* easy, const HttpRequest& request) {
  if (request.method == "GET") return;
  if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
}

void SetProxy(CURL* easy, const std::string& url, const HttpClientOptions& options) {
  const ProxySettings& proxy = options.proxy;
  // Even an empty address is set: without one libcurl would read the environment.
  const bool secure = url.starts_with("https:");
  curl_easy_setopt(easy, CURLOPT_PROXY, (secure ? proxy.https : proxy.http).c_str());
  const std::string direct =
      proxy.exceptions == "*"
          ? "*"
          : "localhost,127.0.0.1,::1" + (proxy.exceptions.empty() ? "" : "," + proxy.exceptions);
  curl_easy_setopt(easy, CURLOPT_NOPROXY, direct.c_str());
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
}

void SetConnection(CURL* easy, const Exchange& exchange, const HttpClientOptions& options) {
  const HttpRequest& request = exchange.request;
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  // Rather share the connection that is being made than open another one beside it.
  if (exchange.url.starts_with("https:")) curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);
  if (!options.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // Ending early does not wait for a name server.
  curl_easy_setopt(
      easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, LeftUntil(exchange.deadline));
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 256L << 10);
  if (!request.unix_socket.empty())
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
}

curl_slist* HeaderLines(const Headers& headers) {
  curl_slist* lines = curl_slist_append(nullptr, "Expect:");  // No round trip before a body.
  for (const auto& [name, value] : headers.all())
    lines = curl_slist_append(lines, (value.empty() ? name + ";" : name + ": " + value).c_str());
  return lines;
}

Error CurlError(CURLcode code, const std::string& url) {
  std::string what = fmt::format("{}: {}", curl_easy_strerror(code), WithoutQuery(url));
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorKind::kTimeout, std::move(what)};
    case CURLE_URL_MALFORMAT:
      return {ErrorKind::kInvalidInput, std::move(what)};
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return Error(ErrorKind::kUnauthorized, std::move(what))
          .Remedy(
              "check this machine's date and its certificate authorities (or the file named "
              "for them); a proxy that opens TLS needs its own authority there");
    default:
      return {ErrorKind::kUnavailable, std::move(what)};
  }
}

}  // namespace

Status CheckHeaders(const Headers& headers) {
  constexpr std::string_view kForbiddenInName(" \t\r\n:\0", 6);
  constexpr std::string_view kForbiddenInValue("\r\n\0", 3);
  for (const auto& [name, value] : headers.all()) {
    const bool sendable = !name.empty() && name.find_first_of(kForbiddenInName) == name.npos &&
                          value.find_first_of(kForbiddenInValue) == value.npos;
    if (!sendable)  // The value may be a secret.
      return Error(ErrorKind::kInvalidInput,
                   fmt::format("the header '{}' holds a character that cannot be sent",
                               name.substr(0, name.find_first_of(kForbiddenInName))));
  }
  return Ok();
}

bool Prepare(Exchange& exchange, const HttpClientOptions& options) {
  exchange.easy.reset(curl_easy_init());
  CURL* easy = exchange.easy.get();
  if (easy == nullptr) return false;
  exchange.lines.reset(HeaderLines(exchange.headers));
  exchange.first_byte_deadline = SteadyNow() + exchange.request.first_byte_timeout;
  curl_easy_setopt(easy, CURLOPT_PRIVATE, &exchange);
  curl_easy_setopt(easy, CURLOPT_URL, exchange.url.c_str());
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, exchange.lines.get());
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
  SetConnection(easy, exchange, options);
  SetProxy(easy, exchange.url, options);
  SetMethodAndBody(easy, exchange.request);
  return true;
}

void Finish(Exchange& exchange, CURLcode code) {
  exchange.code = code;
  CURL* easy = exchange.easy.get();
  if (easy == nullptr) return;
  long status = 0;
  long version = 0;
  char* target = nullptr;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  curl_easy_getinfo(easy, CURLINFO_HTTP_VERSION, &version);
  curl_easy_getinfo(easy, CURLINFO_REDIRECT_URL, &target);
  exchange.response.status = static_cast<int>(status);
  exchange.response.http_version = VersionName(version);
  exchange.response.url = exchange.url;
  if (target != nullptr) exchange.redirect_target = target;
  exchange.easy.reset();
}

Result<HttpResponse> Outcome(Exchange& exchange) {
  const std::string where = WithoutQuery(exchange.url);
  switch (exchange.ended_by) {
    case EndedBy::kBodyTooLarge:
      return Error(
          ErrorKind::kExhausted,
          fmt::format(
              "the response is larger than {} bytes: {}", exchange.request.body_bytes_max, where));
    case EndedBy::kHeadersTooLarge:
      return Error(
          ErrorKind::kUnavailable,
          fmt::format("the response's header is larger than {} bytes: {}", kHeaderBytesMax, where));
    case EndedBy::kFirstByteDeadline:
      return Error(ErrorKind::kTimeout,
                   fmt::format("no answer began within {} ms: {}",
                               exchange.request.first_byte_timeout.count(),
                               where));
    case EndedBy::kDeadline:
      return Error(
          ErrorKind::kTimeout,
          fmt::format("not done within {} ms: {}", exchange.request.total_timeout.count(), where));
    case EndedBy::kCancel:
      return Error(ErrorKind::kCancelled, "stopped during a request: " + where);
    case EndedBy::kQueueFull:
      return Error(ErrorKind::kExhausted, "too many requests wait to be sent: " + where);
    case EndedBy::kNobody:
      break;
  }
  if (exchange.code != CURLE_OK) return CurlError(exchange.code, exchange.url);
  // libcurl takes a close within the header for its end.
  if (!exchange.header_ended)
    return Error(ErrorKind::kUnavailable, "the answer ends within its header: " + where);
  return std::move(exchange.response);
}

std::string WithoutQuery(const std::string& url) {
  return url.substr(0, url.find_first_of("?#"));
}

}  // namespace stargaze::net
