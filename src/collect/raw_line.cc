#include "collect/raw_line.h"

#include <boost/json.hpp>

namespace stargaze::collect {
namespace {

namespace json = boost::json;

// The headers that a later reading may need; never a credential.
json::object KeptHeaders(const net::Headers& headers) {
  json::object kept;
  for (const char* name : {"date",
                           "etag",
                           "link",
                           "last-modified",
                           "x-ratelimit-limit",
                           "x-ratelimit-remaining",
                           "x-ratelimit-reset",
                           "x-ratelimit-resource",
                           "x-github-request-id",
                           "x-stargaze-sandbox"}) {
    if (const auto value = headers.Find(name))
      kept[name] = json::string_view(value->data(), value->size());
  }
  return kept;
}

json::array Subjects(std::span<const registry::RepositoryRef> subjects) {
  json::array list;
  for (const registry::RepositoryRef& subject : subjects) {
    list.push_back({{"repository_id", subject.repository_id},
                    {"node_id", subject.node_id},
                    {"full_name", subject.full_name}});
  }
  return list;
}

json::object RequestOf(const model::Request& request,
                       const Page& page,
                       const RawLineOptions& options) {
  json::object out{{"name", request.name},
                   {"method", request.method},
                   {"url", page.url},
                   {"variables", json::object()},
                   {"subjects", Subjects(options.subjects)}};
  if (page.redirects.empty()) return out;
  json::array redirects;
  for (const net::Redirect& redirect : page.redirects)
    redirects.push_back({{"status", redirect.status}, {"url", redirect.url}});
  out["redirects"] = std::move(redirects);
  return out;
}

}  // namespace

std::string RawLine(const CollectJob& job,
                    const model::Request& request,
                    const Page& page,
                    const RawLineOptions& options) {
  const json::object envelope{{"v", 1},
                              {"attempt", job.attempt.Name()},
                              {"ordinal", options.ordinal},
                              {"request", RequestOf(request, page, options)},
                              {"status", page.response.status},
                              {"headers", KeptHeaders(page.response.headers)},
                              {"observed_at", FormatInstant(page.observed_at)},
                              {"page", options.number},
                              {"media_type", "application/json"}};
  std::string line = json::serialize(envelope);
  line.back() = ',';  // The body goes in as it is, not through a JSON library.
  line += "\"body\":";
  line += Kept(page.response.body, job.dataset);
  line += '}';
  return line;
}

}  // namespace stargaze::collect
