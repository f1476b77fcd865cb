#include "serve/router.h"

#include <algorithm>
#include <optional>

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

std::optional<PathParameters> MatchPath(const std::vector<std::string>& expected,
                                        const std::vector<std::string>& found) {
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

void Router::AddRoute(Route route, RouteHandler handler) {
  std::vector<std::string> segments = Segments(route.pattern);
  entries_.push_back(
      {.route = std::move(route), .handler = std::move(handler), .segments = std::move(segments)});
}

Router::Match Router::Find(const std::string& method, const std::string& path) const {
  const std::string wanted = method == "HEAD" ? "GET" : method;
  const std::vector<std::string> segments = Segments(path);
  Match match;
  for (const Entry& entry : entries_) {
    auto parameters = MatchPath(entry.segments, segments);
    if (!parameters) continue;
    if (entry.route.method == wanted) {
      match.entry = &entry;
      match.parameters = std::move(*parameters);
      match.allowed.clear();
      return match;
    }
    match.allowed.push_back(entry.route.method);
    if (entry.route.method == "GET") match.allowed.emplace_back("HEAD");
  }
  std::sort(match.allowed.begin(), match.allowed.end());
  match.allowed.erase(std::unique(match.allowed.begin(), match.allowed.end()), match.allowed.end());
  return match;
}

}  // namespace stargaze::serve
