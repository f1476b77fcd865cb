#include "serve/router.h"

#include <optional>
#include <utility>

namespace stargaze::serve {
namespace {

std::vector<std::string> Segments(const std::string& path) {
  std::vector<std::string> segments;
  std::size_t at = 1;
  while (at <= path.size()) {
    const std::size_t slash = std::min(path.find('/', at), path.size());
    segments.push_back(path.substr(at, slash - at));
    at = slash + 1;
  }
  return segments;
}

// "{panel}.csv" takes what stands before the fixed ending.
std::optional<std::pair<std::string, std::string>> Bind(const std::string& pattern,
                                                        const std::string& segment) {
  const std::size_t close = pattern.find('}');
  const std::string ending = pattern.substr(close + 1);
  if (segment.size() <= ending.size() || !segment.ends_with(ending)) return std::nullopt;
  return std::pair(pattern.substr(1, close - 1), segment.substr(0, segment.size() - ending.size()));
}

std::optional<PathParameters> MatchPath(const std::string& pattern, const std::string& path) {
  const std::vector<std::string> expected = Segments(pattern);
  const std::vector<std::string> found = Segments(path);
  if (expected.size() != found.size()) return std::nullopt;
  PathParameters parameters;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    if (!expected[i].starts_with('{')) {
      if (expected[i] != found[i]) return std::nullopt;
      continue;
    }
    auto bound = Bind(expected[i], found[i]);
    if (!bound) return std::nullopt;
    parameters.insert(std::move(*bound));
  }
  return parameters;
}

}  // namespace

void Router::Add(std::string method, std::string pattern, RouteHandler handler) {
  routes_.push_back(
      {.method = std::move(method), .pattern = std::move(pattern), .handler = std::move(handler)});
}

Router::Match Router::Find(const std::string& method, const std::string& path) const {
  const std::string& wanted = method == "HEAD" ? "GET" : method;
  Match match;
  for (const Route& route : routes_) {
    auto parameters = MatchPath(route.pattern, path);
    if (!parameters) continue;
    if (route.method == wanted) {
      match.route = &route;
      match.parameters = std::move(*parameters);
      match.allowed.clear();
      return match;
    }
    match.allowed.push_back(route.method);
  }
  return match;
}

}  // namespace stargaze::serve
