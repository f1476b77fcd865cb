#include "serve/guard.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/secret.h"

namespace stargaze::serve {
namespace {

constexpr std::size_t kClientsMax = 10'000;
constexpr double kBurstSeconds = 2;
constexpr const char* kSecretHeader = "x-stargaze-proxy-secret";

// "[::1]:8686" → "[::1]"
std::string HostName(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string name(host.substr(0, colon));
  std::transform(
      name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

std::string_view HeaderOf(const net::ServerRequest& request, std::string_view name) {
  return request.headers.Find(name).value_or("");
}

bool IsOwnOrigin(const net::ServerRequest& request) {
  const std::string own =
      (request.tls ? "https://" : "http://") + std::string(HeaderOf(request, "host"));
  const std::string behind_proxy = "https://" + std::string(HeaderOf(request, "host"));
  const std::string_view origin = HeaderOf(request, "origin");
  return origin == own ||
         (HeaderOf(request, "x-forwarded-proto") == "https" && origin == behind_proxy);
}

Error Refused(const std::string& what, const std::string& remedy) {
  return Error(ErrorKind::kUnauthorized, what).Remedy(remedy);
}

}  // namespace

bool IsChange(const net::ServerRequest& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

bool Guard::IsServedHost(const net::ServerRequest& request) const {
  if (request.local_socket) return true;
  const std::string name = HostName(HeaderOf(request, "host"));
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]" ||
         options_.host_names.contains(name);
}

bool Guard::IsProxy(const net::ServerRequest& request) const {
  const bool listed = std::find(options_.proxies.begin(), options_.proxies.end(), request.client) !=
                      options_.proxies.end();
  return listed && SameSecret(HeaderOf(request, kSecretHeader), options_.proxy_secret);
}

std::string Guard::CookieOf(const net::ServerRequest& request) {
  constexpr std::string_view kName = "stargaze_session=";
  const std::string_view cookies = HeaderOf(request, "cookie");
  for (std::size_t at = 0; at < cookies.size();) {
    const std::size_t end = std::min(cookies.find(';', at), cookies.size());
    std::string_view one = cookies.substr(at, end - at);
    one.remove_prefix(std::min(one.find_first_not_of(' '), one.size()));
    if (one.starts_with(kName)) return std::string(one.substr(kName.size()));
    at = end + 1;
  }
  return {};
}

std::optional<SessionFacts> Guard::SessionOf(const net::ServerRequest& request) {
  const std::string cookie = CookieOf(request);
  return cookie.empty() ? std::nullopt : logins_.Find(cookie);
}

bool Guard::HasAdminToken(const net::ServerRequest& request) const {
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view authorization = HeaderOf(request, "authorization");
  return authorization.starts_with(kScheme) &&
         SameSecret(authorization.substr(kScheme.size()), options_.admin_token);
}

Role Guard::RoleOf(const net::ServerRequest& request) {
  if (request.local_socket) return Role::kAdmin;
  if (HasAdminToken(request)) return Role::kAdmin;
  if (const auto session = SessionOf(request)) return session->role;
  if (IsProxy(request)) {
    const std::string user(HeaderOf(request, options_.user_header));
    if (options_.admins.contains(user)) return Role::kAdmin;
    if (options_.operators.contains(user)) return Role::kOperator;
    if (!user.empty()) return Role::kViewer;
  }
  return options_.reads_open ? Role::kViewer : Role::kAnyone;
}

Status Guard::Authorize(const net::ServerRequest& request, Role needed, bool& is_known) {
  is_known = true;
  if (IsChange(request) && request.headers.Find("origin") && !IsOwnOrigin(request))
    return Refused("a change must not come from another origin", "ask from the server's own page");
  const Role role = RoleOf(request);
  const bool by_token = request.local_socket || HasAdminToken(request);
  if (IsChange(request) && !by_token && needed != Role::kAnyone && role > Role::kViewer) {
    // By cookie or by the proxy's word: what a browser sends by itself proves nothing.
    const auto session = SessionOf(request);
    const bool proven =
        !session || SameSecret(HeaderOf(request, "x-stargaze-session"), session->proof);
    if (!request.headers.Find("origin") || !proven)
      return Refused(
          "a change by cookie needs the exact Origin and the session's x-stargaze-session header",
          "GET /api/v1/session gives the header's value");
  }
  if (role >= needed) return Ok();
  is_known = role != Role::kAnyone && (SessionOf(request) || IsProxy(request));
  if (IsChange(request))
    return Refused(
        "a change needs the admin token or a session that may make it",
        "send 'Authorization: Bearer <token>' (file admin_token of the data folder), or log in");
  return Refused("reading needs a session or the admin token here", "log in with a one-time code");
}

std::string Guard::ClientOf(const net::ServerRequest& request) const {
  if (!IsProxy(request)) return request.client;
  const std::string_view forwarded = HeaderOf(request, "x-forwarded-for");
  const std::size_t comma = forwarded.rfind(',');
  std::string_view last = comma == std::string_view::npos ? forwarded : forwarded.substr(comma + 1);
  last.remove_prefix(std::min(last.find_first_not_of(' '), last.size()));
  return last.empty() ? request.client : std::string(last.substr(0, 64));
}

Status Guard::Admit(const net::ServerRequest& request) {
  const double rate = options_.requests_per_second;
  if (rate <= 0 || request.local_socket) return Ok();
  const Instant now = clock_.Now();
  const std::string client = ClientOf(request);
  const std::lock_guard lock(mutex_);
  if (buckets_.size() >= kClientsMax)
    std::erase_if(buckets_, [now](const auto& entry) {
      return now - entry.second.filled > std::chrono::seconds(10);
    });
  if (buckets_.size() >= kClientsMax) buckets_.clear();
  const auto [entry, is_new] =
      buckets_.try_emplace(client, Bucket{.tokens = rate * kBurstSeconds, .filled = now});
  Bucket& bucket = entry->second;
  const double seconds = std::max(0.0, std::chrono::duration<double>(now - bucket.filled).count());
  bucket.tokens = std::min(rate * kBurstSeconds, bucket.tokens + seconds * rate);
  bucket.filled = now;
  if (bucket.tokens >= 1) {
    bucket.tokens -= 1;
    return Ok();
  }
  return Error(ErrorKind::kRateLimited, "too many requests from this client")
      .Remedy("ask less often, or send If-None-Match: what has not changed is not counted")
      .After(std::chrono::seconds(static_cast<int64_t>(std::ceil((1 - bucket.tokens) / rate))));
}

}  // namespace stargaze::serve
