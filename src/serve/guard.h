// Who may ask what: host names, origins, the admin token, sessions, a trusted proxy, and how often.

#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "net/http_server.h"
#include "serve/logins.h"

namespace stargaze::serve {

struct GuardOptions {
  std::string admin_token{};
  std::set<std::string> host_names{};  // Beside localhost and the loopback addresses; lower case.
  bool reads_open = true;              // Only on loopback.
  std::vector<std::string> proxies{};  // Addresses whose proxy_secret is believed.
  std::string proxy_secret{};
  std::string user_header = "x-forwarded-user";
  std::set<std::string> admins{};     // Users that the proxy names.
  std::set<std::string> operators{};  // The others are viewers.
  double requests_per_second = 0;     // Of one client; 0: any number.
};

// Safe for concurrent use.
class Guard {
 public:
  // Both outlive the object. `clock` tells real time also in a sandbox.
  Guard(GuardOptions options, Logins& logins, const Clock& clock)
      : options_(std::move(options)), logins_(logins), clock_(clock) {}

  // False for a page of another site that resolves its name to this machine (DNS rebinding): it
  // sends its own name.
  bool IsServedHost(const net::ServerRequest& request) const;

  // kUnauthorized when the caller may not; `is_known` tells whether logging in would change that
  // (401) or not (403).
  Status Authorize(const net::ServerRequest& request, Role needed, bool& is_known);

  // kRateLimited with the seconds to wait. A client has a bucket of two seconds' requests.
  Status Admit(const net::ServerRequest& request);

  std::optional<SessionFacts> SessionOf(const net::ServerRequest& request);
  static std::string CookieOf(const net::ServerRequest& request);
  Role RoleOf(const net::ServerRequest& request);

 private:
  struct Bucket {
    double tokens = 0;
    Instant filled{};
  };
  bool HasAdminToken(const net::ServerRequest& request) const;
  bool IsProxy(const net::ServerRequest& request) const;
  std::string ClientOf(const net::ServerRequest& request) const;

  GuardOptions options_;
  Logins& logins_;
  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Bucket> buckets_;
};

bool IsChange(const net::ServerRequest& request);

}  // namespace stargaze::serve
