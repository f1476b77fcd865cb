#include "net/http_client.h"

#include <curl/curl.h>
#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <mutex>

namespace stargaze::net {
namespace {

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
using Easy = std::unique_ptr<CURL, FreeEasy>;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// What one exchange fills while libcurl runs.
struct Exchange {
  HttpResponse response{};
  int64_t body_bytes_max = 0;
  bool too_large = false;
  const std::stop_token* stop = nullptr;
};

std::size_t OnBody(const char* data, std::size_t size, std::size_t count, void* user) noexcept {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::size_t bytes = size * count;
  if (static_cast<int64_t>(exchange.response.body.size() + bytes) > exchange.body_bytes_max) {
    exchange.too_large = true;
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
  if (line.starts_with("HTTP/")) {
    exchange.response.headers =
        Headers();  // A new response begins: what stood before was interim or a proxy's.
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    exchange.response.headers.Add(Trimmed(line.substr(0, colon)), Trimmed(line.substr(colon + 1)));
  }
  return line.size();
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) noexcept {
  return static_cast<Exchange*>(user)->stop->stop_requested() ? 1 : 0;
}

Error CurlError(CURLcode code, const Exchange& exchange, const std::string& url) {
  const std::string what =
      fmt::format("{}: {}", curl_easy_strerror(code), url.substr(0, url.find('?')));
  if (exchange.too_large) {
    return {ErrorKind::kExhausted,
            fmt::format("the response is larger than {} bytes: {}",
                        exchange.body_bytes_max,
                        url.substr(0, url.find('?')))};
  }
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return {ErrorKind::kTimeout, what};
    case CURLE_ABORTED_BY_CALLBACK:
      return {ErrorKind::kCancelled, what};
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return {ErrorKind::kInvalidInput, what};
    case CURLE_PEER_FAILED_VERIFICATION:
      return {ErrorKind::kUnauthorized, what};
    default:
      return {ErrorKind::kUnavailable, what};
  }
}

// libcurl's defaults are kept where they are not named here: TLS is verified, redirects are not
// followed.
void SetOptions(CURL* easy,
                const HttpRequest& request,
                const std::string& user_agent,
                curl_slist* headers,
                Exchange& exchange) {
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent.c_str());
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
  curl_easy_setopt(
      easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(request.total_timeout.count()));
  curl_easy_setopt(easy, CURLOPT_BUFFERSIZE, 256L << 10);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &OnBody);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &OnHeader);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, &OnProgress);
  curl_easy_setopt(easy, CURLOPT_XFERINFODATA, &exchange);
  if (!request.unix_socket.empty())
    curl_easy_setopt(easy, CURLOPT_UNIX_SOCKET_PATH, request.unix_socket.c_str());
  if (request.method == "HEAD") curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  if (request.method != "GET" && request.method != "HEAD") {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    curl_easy_setopt(
        easy, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request.body.c_str());
  }
}

}  // namespace

void Headers::Add(std::string_view name, std::string_view value) {
  std::string lower(name);
  std::transform(
      lower.begin(), lower.end(), lower.begin(), [](unsigned char c) { return std::tolower(c); });
  all_.emplace_back(std::move(lower), std::string(value));
}

std::optional<std::string_view> Headers::Find(std::string_view name) const {
  for (const auto& [key, value] : all_) {
    if (SameName(key, name)) return value;
  }
  return std::nullopt;
}

struct CurlTransport::Impl {
  std::string user_agent;
  std::mutex mutex;
  std::vector<Easy> idle;  // Each keeps its connections open.

  Easy Take() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return Easy(curl_easy_init());
    Easy easy = std::move(idle.back());
    idle.pop_back();
    return easy;
  }

  void GiveBack(Easy easy) {
    const std::lock_guard lock(mutex);
    idle.push_back(std::move(easy));
  }
};

CurlTransport::CurlTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CurlTransport::~CurlTransport() = default;

Result<std::unique_ptr<CurlTransport>> CurlTransport::Create(std::string user_agent) {
  static std::once_flag once;
  static CURLcode started = CURLE_OK;
  std::call_once(once, [] { started = curl_global_init(CURL_GLOBAL_DEFAULT); });
  if (started != CURLE_OK) return Error(ErrorKind::kInternal, "libcurl cannot be started");
  auto impl = std::make_unique<Impl>();
  impl->user_agent = std::move(user_agent);
  return std::unique_ptr<CurlTransport>(new CurlTransport(std::move(impl)));
}

Result<HttpResponse> CurlTransport::Send(const HttpRequest& request, const std::stop_token& stop) {
  Easy easy = impl_->Take();
  if (easy == nullptr) return Error(ErrorKind::kExhausted, "libcurl gives no further handle");
  curl_slist* lines = nullptr;
  for (const auto& [name, value] : request.headers.all())
    lines = curl_slist_append(lines, (name + ": " + value).c_str());
  const std::unique_ptr<curl_slist, FreeList> headers(lines);
  Exchange exchange{.body_bytes_max = request.body_bytes_max, .stop = &stop};
  SetOptions(easy.get(), request, impl_->user_agent, headers.get(), exchange);
  const CURLcode code = curl_easy_perform(easy.get());
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  impl_->GiveBack(std::move(easy));
  if (code != CURLE_OK) return CurlError(code, exchange, request.url);
  exchange.response.status = static_cast<int>(status);
  return std::move(exchange.response);
}

}  // namespace stargaze::net
