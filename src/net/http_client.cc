#include "net/http_client.h"

#include <curl/curl.h>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <initializer_list>
#include <mutex>

#include "net/http_client_exchange.h"
#include "net/http_client_loop.h"
#include "net/url.h"

namespace stargaze::net {
namespace {

bool SameName(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

// What another origin may see. A list of what is allowed, not of what is secret: a credential has
// many names.
Headers ForAnotherOrigin(const Headers& headers) {
  constexpr std::array<std::string_view, 3> kHarmless{
      "accept", "accept-language", "x-github-api-version"};
  Headers kept;
  for (const auto& [name, value] : headers.all()) {
    if (std::find(kHarmless.begin(), kHarmless.end(), name) != kHarmless.end())
      kept.Add(name, value);
  }
  return kept;
}

bool IsRedirect(const HttpRequest& request, int status) {
  const bool is_read = request.method == "GET" || request.method == "HEAD";
  return is_read && request.redirects_max > 0 &&
         (status == 301 || status == 302 || status == 303 || status == 307 || status == 308);
}

// Whether a redirect from one URL to another may be followed.
Status CheckRedirect(const HttpRequest& request,
                     const HttpResponse& response,
                     const std::string& target) {
  const auto refuse = [&](std::string_view why) {
    return Error(
        ErrorKind::kCorrupt,
        fmt::format("HTTP {} from {}: {}", response.status, WithoutQuery(response.url), why));
  };
  if (!ParseUrl(target).ok()) return refuse("it points to no http or https URL");
  if (response.url.starts_with("https:") && !target.starts_with("https:"))
    return refuse("it points from https to http, which is not followed");
  if (static_cast<int>(response.redirects.size()) >= request.redirects_max)
    return refuse(fmt::format("more than {} redirects in a row", request.redirects_max));
  if (request.on_redirect) return request.on_redirect(response, target);
  return Ok();
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

ProxySettings ProxyFrom(const std::map<std::string, std::string>& environment) {
  const auto first = [&](std::initializer_list<const char*> names) {
    for (const char* name : names) {
      const auto found = environment.find(name);
      if (found != environment.end() && !found->second.empty()) return found->second;
    }
    return std::string();
  };
  return {.http = first({"http_proxy", "all_proxy", "ALL_PROXY"}),
          .https = first({"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}),
          .exceptions = first({"no_proxy", "NO_PROXY"})};
}

struct CurlTransport::Impl {
  HttpClientLoop loop;

  Result<HttpResponse> SendOne(Exchange& exchange, const std::stop_token& stop) {
    loop.Run(exchange, stop);
    return Outcome(exchange);
  }
};

CurlTransport::CurlTransport(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
CurlTransport::~CurlTransport() = default;

Result<std::unique_ptr<CurlTransport>> CurlTransport::Create(HttpClientOptions options) {
  static std::once_flag once;
  static CURLcode started = CURLE_OK;
  std::call_once(once, [] { started = curl_global_init(CURL_GLOBAL_DEFAULT); });
  CURLM* multi = started == CURLE_OK ? curl_multi_init() : nullptr;
  if (multi == nullptr) return Error(ErrorKind::kInternal, "libcurl cannot be started");
  if (options.exchanges_per_host_max < 1 || options.waiting_max < 0) {
    curl_multi_cleanup(multi);
    return Error(ErrorKind::kInvalidInput, "an HTTP client needs room for one exchange at least");
  }
  // An aggregate, which clang 14 cannot make by std::make_unique.
  // NOLINTNEXTLINE(modernize-make-unique)
  std::unique_ptr<Impl> impl(new Impl{{std::move(options), multi}});
  return std::unique_ptr<CurlTransport>(new CurlTransport(std::move(impl)));
}

Result<std::unique_ptr<CurlTransport>> CurlTransport::Create(std::string user_agent) {
  return Create(HttpClientOptions{.user_agent = std::move(user_agent)});
}

Result<HttpResponse> CurlTransport::Send(const HttpRequest& request, const std::stop_token& stop) {
  const SteadyTime deadline = SteadyNow() + request.total_timeout;
  SG_TRY(const UrlParts home, ParseUrl(request.url));
  SG_RETURN_IF_ERROR(CheckHeaders(request.headers));
  std::string url = request.url;
  std::vector<Redirect> redirects;
  Headers headers = request.headers;
  while (true) {
    SG_TRY(const UrlParts parts, ParseUrl(url));
    // Once left, an origin is not trusted again: who redirected back chose the path.
    if (parts.origin != home.origin) headers = ForAnotherOrigin(headers);
    Exchange exchange{.request = request,
                      .url = url,
                      .headers = headers,
                      .deadline = deadline,
                      .slot = request.unix_socket.empty() ? parts.origin : request.unix_socket};
    SG_TRY(HttpResponse response, impl_->SendOne(exchange, stop));
    response.redirects = redirects;
    if (!IsRedirect(request, response.status) || exchange.redirect_target.empty()) return response;
    SG_RETURN_IF_ERROR(CheckRedirect(request, response, exchange.redirect_target));
    redirects.push_back({.status = response.status, .url = url});
    url = exchange.redirect_target;
  }
}

}  // namespace stargaze::net
