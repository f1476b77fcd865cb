#include "serve/guard.h"

#include <algorithm>
#include <cctype>

namespace stargaze::serve {
namespace {

// Takes as long for a wrong first character as for a wrong last one.
bool SameSecret(std::string_view a, std::string_view b) {
  unsigned difference = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference |= static_cast<unsigned char>(a[i]) ^
                  static_cast<unsigned char>(b.empty() ? '\0' : b[i % b.size()]);
  }
  return difference == 0 && !b.empty();
}

// "[::1]:8686" → "[::1]"
std::string HostName(std::string_view host) {
  const std::size_t bracket = host.rfind(']');
  const std::size_t colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  std::string name(host.substr(0, colon));
  std::transform(
      name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

}  // namespace

bool IsLocalHost(const net::ServerRequest& request) {
  if (request.local_socket) return true;
  const std::string name = HostName(request.headers.Find("host").value_or(""));
  return name == "localhost" || name == "127.0.0.1" || name == "[::1]";
}

bool IsChange(const net::ServerRequest& request) {
  return request.method != "GET" && request.method != "HEAD" && request.method != "OPTIONS";
}

Status AuthorizeChange(const net::ServerRequest& request, const std::string& admin_token) {
  if (const auto origin = request.headers.Find("origin")) {
    const std::string own = "http://" + std::string(request.headers.Find("host").value_or(""));
    if (*origin != own)
      return Error(ErrorKind::kUnauthorized,
                   "a change must not come from another origin: " + std::string(*origin));
  }
  if (request.local_socket) return Ok();
  constexpr std::string_view kScheme = "Bearer ";
  const std::string_view authorization = request.headers.Find("authorization").value_or("");
  if (authorization.starts_with(kScheme) &&
      SameSecret(authorization.substr(kScheme.size()), admin_token))
    return Ok();
  return Error(ErrorKind::kUnauthorized, "a change needs the admin token")
      .Remedy(
          "send 'Authorization: Bearer <token>'; the token is in the file admin_token of the data "
          "folder");
}

}  // namespace stargaze::serve
