// The server's own state over HTTP: health, freshness, logins, operations (docs/api.md "State").

#pragma once

#include "base/result.h"
#include "net/http_server.h"
#include "serve/api.h"
#include "serve/data_lag.h"
#include "serve/logins.h"

namespace stargaze::serve {

// Safe for concurrent use.
class StateApi {
 public:
  StateApi(const ApiParts& parts, Guard& guard, Logins& logins)
      : parts_(parts), guard_(guard), logins_(logins) {}

  Result<net::HttpResponse> Freshness(const net::ServerRequest& request);
  Result<net::HttpResponse> Ready();
  Result<net::HttpResponse> Metrics();
  Result<net::HttpResponse> LogIn(const net::ServerRequest& request);
  Result<net::HttpResponse> LogOut(const net::ServerRequest& request);
  Result<net::HttpResponse> Session(const net::ServerRequest& request);
  Result<net::HttpResponse> NewLoginCode(const net::ServerRequest& request);
  Result<net::ServerResponse> Listen(const net::ServerRequest& request) {
    return parts_.events.Listen(request);
  }
  Result<net::HttpResponse> RunOperation(const net::ServerRequest& request,
                                         const std::string& name);

 private:
  Status SchedulerIsWell() const;
  void GaugeScheduler();
  // Notes the lags of what has been published.
  Result<storage::SqlRows> Freshest(const std::stop_token& stop);
  void GaugeDataLag();

  const ApiParts& parts_;
  Guard& guard_;
  Logins& logins_;
  DataLag lag_;
};

}  // namespace stargaze::serve
