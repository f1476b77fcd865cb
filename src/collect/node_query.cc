#include "collect/node_query.h"

#include <algorithm>
#include <utility>

#include <boost/json.hpp>

#include "collect/attempt.h"

namespace stargaze::collect {
namespace {

namespace json = boost::json;
using Repositories = std::span<const registry::RepositoryRef>;

// GitHub allows a minute of its CPU's time per minute and does not say what a query took. So many
// milliseconds for a repository keep a query of a hundred to one every five seconds.
constexpr std::chrono::milliseconds kCpuOfNode{50};
constexpr int kRetries = 3;  // Of a single repository; a larger query is halved instead.

const json::value* At(const json::value& root, const model::JsonPath& path) {
  const json::value* at = &root;
  for (const model::PathStep& step : path.steps) {
    if (step.kind == model::PathStep::Kind::kEach) break;
    const json::object* object = at->if_object();
    at = object == nullptr ? nullptr : object->if_contains(step.key);
    if (at == nullptr) return nullptr;
  }
  return at;
}

std::string TextAt(const json::value& value, const char* key) {
  const json::object* object = value.if_object();
  const json::value* member = object == nullptr ? nullptr : object->if_contains(key);
  return member != nullptr && member->is_string() ? std::string(member->as_string()) : "";
}

// What is wrong with an answer as a whole; a node that is not there is nothing wrong.
Status CheckErrors(const json::value& body) {
  const json::object* object = body.if_object();
  const json::value* errors = object == nullptr ? nullptr : object->if_contains("errors");
  if (errors == nullptr || !errors->is_array()) return Ok();
  for (const json::value& error : errors->as_array()) {
    const std::string type = TextAt(error, "type");
    if (type == "NOT_FOUND") continue;
    const std::string message = type + ": " + TextAt(error, "message").substr(0, 200);
    return Error(type == "RATE_LIMITED" ? ErrorKind::kRateLimited : ErrorKind::kUnavailable,
                 message);
  }
  return Ok();
}

class NodeQuery {
 public:
  NodeQuery(const CollectJob& job,
            const model::Request& request,
            Fetcher& fetcher,
            model::RequestCounts& counts)
      : job_(job), request_(request), fetcher_(fetcher), counts_(counts) {}

  Result<NodeAnswers> Run(Repositories repositories) {
    const auto size = static_cast<std::size_t>(request_.graphql->batch);
    for (std::size_t at = 0; at < repositories.size(); at += size)
      SG_RETURN_IF_ERROR(
          AskOrHalve(repositories.subspan(at, std::min(size, repositories.size() - at))));
    return std::move(answers_);
  }

 private:
  Status AskOrHalve(Repositories repositories) {
    RetryBudget budget(repositories.size() > 1 ? 0 : kRetries);
    Result<NodeAnswer> answer = Ask(repositories, budget);
    if (answer.ok()) {
      answers_.answers.push_back(std::move(answer).value());
      return Ok();
    }
    const Error& error = answer.error();
    if (EndsTheAttempt(error)) return error;
    const bool lighter_may_do = error.kind() == ErrorKind::kUnavailable ||
                                error.kind() == ErrorKind::kTimeout ||
                                error.kind() == ErrorKind::kCorrupt;
    if (repositories.size() > 1 && lighter_may_do) {
      ++counts_.retried;
      const std::size_t half = repositories.size() / 2;
      SG_RETURN_IF_ERROR(AskOrHalve(repositories.first(half)));
      return AskOrHalve(repositories.subspan(half));
    }
    for (const registry::RepositoryRef& repository : repositories) {
      answers_.failures.push_back(
          {.repository = repository, .error = error, .status = fetcher_.last_status()});
    }
    return Ok();
  }

  Result<std::string> BodyOf(Repositories repositories) const {
    json::object variables;
    for (const auto& [name, pattern] : request_.graphql->variables) {
      SG_TRY(const std::string value, Expand(pattern, job_.variables));
      variables[name] = value;
    }
    json::array ids;
    for (const registry::RepositoryRef& repository : repositories)
      ids.emplace_back(repository.node_id);
    variables["ids"] = std::move(ids);
    return json::serialize(
        json::object{{"query", request_.graphql->text}, {"variables", std::move(variables)}});
  }

  Result<NodeAnswer> Ask(Repositories repositories, RetryBudget& budget) {
    SG_TRY(const std::string body, BodyOf(repositories));
    SG_RETURN_IF_ERROR(fetcher_.AskFor(repositories));
    SG_TRY(Page page,
           fetcher_.Fetch(request_,
                          {.url = job_.base_url + request_.path,
                           .body = body,
                           .cpu = kCpuOfNode * static_cast<int>(repositories.size())},
                          budget));
    boost::system::error_code malformed;
    const json::value answer = json::parse(page.response.body, malformed);
    if (malformed) return Error(ErrorKind::kCorrupt, "the answer is not JSON");
    CountPoints(answer);
    SG_RETURN_IF_ERROR(CheckErrors(answer));
    const json::value* nodes = At(answer, job_.dataset.records);
    if (nodes == nullptr || !nodes->is_array())
      return Error(ErrorKind::kCorrupt,
                   "the answer has no records at " + job_.dataset.records.ToString());
    NodeAnswer read{.page = std::move(page), .asked = {repositories.begin(), repositories.end()}};
    std::set<int64_t> asked;
    for (const registry::RepositoryRef& one : repositories) asked.insert(one.repository_id);
    for (const json::value& node : nodes->as_array()) {
      const json::value* id = At(node, request_.graphql->match);
      if (id == nullptr || !id->is_int64()) continue;
      // A repository that nobody asked for would get a row in somebody else's name.
      if (!asked.contains(id->as_int64()))
        return Error(ErrorKind::kCorrupt, "the answer has a repository that was not asked for");
      read.found.emplace(id->as_int64(), NameOf(node));
    }
    read.page.facts.records = static_cast<int64_t>(read.found.size());
    return read;
  }

  std::string NameOf(const json::value& node) const {
    const model::JsonPath& path = request_.graphql->full_name;
    const json::value* name = path.steps.empty() ? nullptr : At(node, path);
    return name != nullptr && name->is_string() ? std::string(name->as_string()) : "";
  }

  // The fetcher has counted the request as one point.
  void CountPoints(const json::value& answer) {
    const auto path = model::ParseJsonPath("$.data.rateLimit.cost");
    const json::value* cost = At(answer, path.value());
    if (cost != nullptr && cost->is_int64() && cost->as_int64() >= 0)
      counts_.charged += cost->as_int64() - 1;
  }

  const CollectJob& job_;
  const model::Request& request_;
  Fetcher& fetcher_;
  model::RequestCounts& counts_;
  NodeAnswers answers_;
};

}  // namespace

Result<NodeAnswers> AskNodes(const CollectJob& job,
                             const model::Request& request,
                             Repositories repositories,
                             Fetcher& fetcher,
                             model::RequestCounts& counts) {
  return NodeQuery(job, request, fetcher, counts).Run(repositories);
}

}  // namespace stargaze::collect
