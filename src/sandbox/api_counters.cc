#include "sandbox/api_counters.h"

#include <boost/json.hpp>

namespace stargaze::sandbox {
namespace {

namespace json = boost::json;

json::string_view View(std::string_view text) {
  return {text.data(), text.size()};
}

json::object ByViolation(const ViolationCounts& counts) {
  json::object object;
  for (std::size_t kind = 0; kind < counts.size(); ++kind)
    object[View(ViolationName(static_cast<ViolationKind>(kind)))] = counts[kind];
  return object;
}

}  // namespace

std::string CountersJson(const GitHubApiCounters& counters) {
  json::object faults;
  for (std::size_t kind = 0; kind < kFaultKinds; ++kind) {
    if (counters.faults[kind] > 0)
      faults[View(FaultName(static_cast<FaultKind>(kind)))] = counters.faults[kind];
  }
  json::object callers;
  for (const auto& [name, caller] : counters.callers) {
    callers[name] = {{"requests", caller.requests},
                     {"charged", caller.charged},
                     {"not_modified", caller.not_modified},
                     {"graphql_points", caller.graphql_points},
                     {"violations", ByViolation(caller.violations)}};
  }
  const json::object all{{"requests",
                          {{"core", counters.core_requests},
                           {"search", counters.search_requests},
                           {"graphql", counters.graphql_requests},
                           {"other", counters.other_requests}}},
                         {"charged", counters.charged},
                         {"graphql_points", counters.graphql_points},
                         {"not_modified", counters.not_modified},
                         {"unauthorized", counters.unauthorized},
                         {"limit_violations", counters.limit_violations},
                         {"violations", ByViolation(counters.violations)},
                         {"faults", std::move(faults)},
                         {"callers", std::move(callers)}};
  return json::serialize(all);
}

}  // namespace stargaze::sandbox
