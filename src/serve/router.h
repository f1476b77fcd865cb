// Which handler answers a method and a path.

#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/http_server.h"

namespace stargaze::serve {

// Parts of the path that the pattern names: {id} → "7".
using PathParameters = std::map<std::string, std::string>;
using RouteHandler =
    std::function<Result<net::HttpResponse>(const net::ServerRequest&, const PathParameters&)>;

struct Route {
  std::string method{};
  std::string pattern{};  // "/api/v1/repositories/{id}"
  RouteHandler handler{};
};

// Constant after it is filled; then safe for concurrent use.
class Router {
 public:
  void Add(std::string method, std::string pattern, RouteHandler handler);

  struct Match {
    const Route* route = nullptr;  // nullptr: nothing answers this path and method.
    PathParameters parameters{};
    std::vector<std::string> allowed{};  // Methods that the path has, where the method was wrong.
  };
  // HEAD is answered as GET.
  Match Find(const std::string& method, const std::string& path) const;

  const std::vector<Route>& routes() const { return routes_; }

 private:
  std::vector<Route> routes_;
};

}  // namespace stargaze::serve
