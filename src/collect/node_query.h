// Many repositories in one GraphQL query, matched to the answer's records by their ids.

#pragma once

#include <map>
#include <span>
#include <string>
#include <vector>

#include "collect/collect.h"
#include "collect/fetch.h"

namespace stargaze::collect {

// One query that was answered without a fault, and whom it was about.
struct NodeAnswer {
  Page page{};
  std::vector<registry::RepositoryRef> asked{};
  std::map<int64_t, std::string> found{};  // Names, where the answer has them; the others are gone.
};

struct NodeFailure {
  registry::RepositoryRef repository{};
  Error error;
  int status = 0;
};

struct NodeAnswers {
  std::vector<NodeAnswer> answers{};
  std::vector<NodeFailure> failures{};
};

// Asks in queries of the declared size. One that the source cannot bear (502, 504, limits of
// resources, an error of a single node) is asked again in halves, and its answer is not kept. An
// error ends the attempt.
Result<NodeAnswers> AskNodes(const CollectJob& job,
                             const model::Request& request,
                             std::span<const registry::RepositoryRef> repositories,
                             Fetcher& fetcher,
                             model::RequestCounts& counts);

}  // namespace stargaze::collect
