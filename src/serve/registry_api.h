// The registry over HTTP (docs/api.md "Registry").

#pragma once

#include "base/result.h"
#include "net/http_server.h"
#include "registry/registry.h"

namespace stargaze::serve {

// Safe for concurrent use.
class RegistryApi {
 public:
  explicit RegistryApi(registry::Registry& registry) : registry_(registry) {}

  Result<net::HttpResponse> List(const net::ServerRequest& request);
  Result<net::HttpResponse> Get(const std::string& id);
  Result<net::HttpResponse> Put(const net::ServerRequest& request, const std::string& id);
  Result<net::HttpResponse> Delete(const std::string& id);
  Result<net::HttpResponse> ReplaceRule(const net::ServerRequest& request, const std::string& rule);

 private:
  registry::Registry& registry_;
};

}  // namespace stargaze::serve
