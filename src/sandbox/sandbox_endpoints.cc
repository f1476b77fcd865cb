#include "sandbox/sandbox_endpoints.h"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "sandbox/github_endpoints.h"
#include "sandbox/github_responses.h"

namespace stargaze::sandbox {
namespace {

namespace json = boost::json;

template <typename Text>
json::value TextOrNull(const std::optional<Text>& text) {
  return text ? json::value(json::string(*text)) : json::value(nullptr);
}

void AppendLine(std::string& body, const json::object& line) {
  body += json::serialize(line);
  body += '\n';
}

std::string FactsOfAll(const Books& books, Instant at) {
  std::string body;
  for (const int64_t id : books.Ids()) {
    const std::string state(RepositoryStateName(books.StateOf(id, at)));
    json::object line{{"id", id}, {"state", state}};
    if (const auto facts = books.FactsOf(id, at)) {
      line["node_id"] = facts->node_id;
      line["full_name"] = facts->full_name;
      line["stars"] = facts->stars;
      line["forks"] = facts->forks;
      line["watchers"] = facts->watchers;
      line["open_issues"] = facts->open_issues;
      line["open_pull_requests"] = facts->open_pull_requests;
      line["releases"] = facts->releases;
      line["size_kilobytes"] = facts->size_kilobytes;
      line["language"] = TextOrNull(facts->language);
      line["license"] = TextOrNull(facts->license_spdx);
      line["archived"] = facts->archived;
      line["created_at"] = FormatInstantSeconds(facts->created_at);
      line["pushed_at"] = FormatInstantSeconds(facts->pushed_at);
    }
    AppendLine(body, line);
  }
  return body;
}

std::string StarDaysOf(Books& books, int64_t id, Instant at) {
  std::string body;
  for (const StarDay& day : books.StarDaysOf(id, at))
    AppendLine(body, {{"day", FormatDay(day.day)}, {"gained", day.gained}});
  return body;
}

std::string ReleasesOf(const Books& books, int64_t id, Instant at) {
  std::string body;
  for (const Release& one : books.ReleasesOf(id, at)) {
    AppendLine(body,
               {{"id", one.id},
                {"tag", one.Tag()},
                {"name", one.Name()},
                {"prerelease", one.prerelease},
                {"edited", one.edited},
                {"created_at", FormatInstantSeconds(one.created_at)},
                {"published_at", FormatInstantSeconds(one.published_at)}});
  }
  return body;
}

std::string NamesOf(const Books& books, int64_t id) {
  std::string body;
  for (const auto& [from, name] : books.NamesOf(id))
    AppendLine(body, {{"full_name", name}, {"from", FormatInstantSeconds(from)}});
  return body;
}

}  // namespace

net::HttpResponse AnswerFromBooks(const net::ServerRequest& request, Books* books, Instant now) {
  const std::string_view page =
      std::string_view(request.path).substr(std::min(request.path.size(), kSandboxPath.size()));
  if (books == nullptr || request.method != "GET") return NotFoundResponse();
  const std::optional<std::string> at_text = request.Param("at");
  const std::optional<Instant> at = at_text ? ParseInstant(*at_text) : now;
  const int64_t id = NumberOr(request.Param("id"), -1);
  const bool needs_id = page != "books/facts";
  if (!at) return ErrorResponse(400, "at must be an instant such as 2026-01-31T00:00:00Z", "");
  if (needs_id && id < 0) return ErrorResponse(400, "id must be the number of a repository", "");
  net::HttpResponse response{.status = 200};
  response.headers.Add("content-type", "application/x-ndjson");
  if (page == "books/facts") {
    response.body = FactsOfAll(*books, *at);
  } else if (page == "books/star_days") {
    response.body = StarDaysOf(*books, id, *at);
  } else if (page == "books/releases") {
    response.body = ReleasesOf(*books, id, *at);
  } else if (page == "books/names") {
    response.body = NamesOf(*books, id);
  } else {
    return NotFoundResponse();
  }
  return response;
}

Result<FaultOrder> ReadFaultOrder(std::string_view body) {
  boost::system::error_code code;
  const json::value value = json::parse(json::string_view(body.data(), body.size()), code);
  const json::object* order = code ? nullptr : value.if_object();
  const auto text = [&](std::string_view key) -> std::string {
    const json::value* found =
        order == nullptr ? nullptr : order->if_contains(json::string_view(key.data(), key.size()));
    return found != nullptr && found->is_string() ? std::string(found->get_string()) : "";
  };
  const std::optional<FaultKind> kind = FaultNamed(text("kind"));
  const std::string target = text("target");
  const json::value* times = order == nullptr ? nullptr : order->if_contains("times");
  const bool counts = times == nullptr || (times->is_int64() && times->get_int64() > 0);
  if (!kind || target.empty() || !counts) {
    return Error(
               ErrorKind::kInvalidInput,
               fmt::format("not an order for a fault: kind='{}' target='{}'", text("kind"), target))
        .Remedy(R"(post {"kind":"cut","target":"/repositories/7/releases","times":2})");
  }
  return FaultOrder{
      .kind = *kind, .target = target, .times = times == nullptr ? 1 : times->get_int64()};
}

}  // namespace stargaze::sandbox
