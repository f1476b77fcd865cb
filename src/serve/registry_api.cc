#include "serve/registry_api.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>

#include "serve/cursor.h"
#include "serve/problem.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;
using registry::FollowedRepository;
using registry::RepositoryRef;

constexpr int64_t kPageRows = 100;

Result<int64_t> ParseId(const std::string& text) {
  int64_t id = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), id);
  if (error == std::errc() && end == text.data() + text.size() && id > 0) return id;
  return Error(ErrorKind::kInvalidInput, "not a repository id: '" + text.substr(0, 40) + "'");
}

json::value StateToJson(const std::optional<registry::RepositoryState>& state) {
  if (!state) return nullptr;
  return json::object{{"name", state->name},
                      {"since", FormatInstant(state->since)},
                      {"observed_at", FormatInstant(state->observed_at)}};
}

json::object ToJson(const FollowedRepository& followed) {
  json::array rules;
  for (const registry::Membership& m : followed.memberships) {
    rules.push_back(
        {{"rule", m.rule},
         {"followed_from", FormatInstant(m.followed_from)},
         {"followed_to",
          m.followed_to ? json::value(FormatInstant(*m.followed_to)) : json::value(nullptr)}});
  }
  return {{"repository_id", followed.repository.repository_id},
          {"node_id", followed.repository.node_id},
          {"full_name", followed.repository.full_name},
          {"state", StateToJson(followed.state)},
          {"rules", rules}};
}

Result<json::object> ParseBody(const std::string& body) {
  boost::system::error_code error;
  const json::value value = json::parse(body, error);
  if (!error && value.is_object()) return value.as_object();
  return Error(ErrorKind::kInvalidInput, "the body is not a JSON object")
      .Remedy("see docs/api.md, Registry");
}

Result<std::string> OptionalText(const json::object& object, const char* key) {
  const json::value* value = object.if_contains(key);
  if (value == nullptr || value->is_null()) return std::string();
  if (value->is_string() && value->as_string().size() <= 300)
    return std::string(value->as_string());
  return Error(ErrorKind::kInvalidInput,
               fmt::format("'{}' is not a text of at most 300 bytes", key));
}

Result<RepositoryRef> RefFrom(const json::value& value, std::size_t index) {
  const json::object* object = value.if_object();
  const json::value* id = object == nullptr ? nullptr : object->if_contains("repository_id");
  if (id == nullptr || !id->is_int64() || id->as_int64() <= 0) {
    return Error(ErrorKind::kInvalidInput,
                 fmt::format("repositories[{}].repository_id is not a positive integer", index));
  }
  RepositoryRef ref{.repository_id = id->as_int64()};
  SG_TRY(ref.full_name, OptionalText(*object, "full_name"));
  SG_TRY(ref.node_id, OptionalText(*object, "node_id"));
  return ref;
}

}  // namespace

Result<net::HttpResponse> RegistryApi::List(const net::ServerRequest& request) {
  registry::ListQuery query{.rule = request.Param("rule"), .limit = kPageRows};
  const auto asof = request.Param("asof");
  if (const auto at = asof ? asof : request.Param("at")) {
    query.at = ParseInstant(*at);
    if (const auto day = ParseDay(*at))
      query.at = Instant(*day + std::chrono::days(1)) - std::chrono::microseconds(1);
    if (!query.at)
      return Error(ErrorKind::kInvalidInput, "'at' is neither a day nor an instant")
          .Remedy("at=2026-01-31 or at=2026-01-31T11:50:00Z");
  }
  int64_t page = 1;
  if (const auto p = request.Param("p")) {
    SG_TRY(page, ParseId(*p));
  }
  query.offset = (std::min<int64_t>(page, 1'000'000) - 1) * kPageRows;
  const std::string scope =
      query.rule.value_or("") + " " + (query.at ? FormatInstant(*query.at) : "now");
  if (const auto cursor = request.Param("cursor")) {
    SG_TRY(query.offset, ReadCursor(*cursor, scope));
  }
  SG_TRY(const registry::FollowedPage found, registry_.List(query));
  json::array rows;
  for (const FollowedRepository& followed : found.rows) rows.push_back(ToJson(followed));
  return JsonResponse(json::serialize(
      json::object{{"total", found.total},
                   {"page", query.offset / kPageRows + 1},
                   {"next_cursor", NextCursor(scope, query.offset + kPageRows, found.total)},
                   {"rows", rows}}));
}

Result<net::HttpResponse> RegistryApi::Get(const std::string& id_text) {
  SG_TRY(const int64_t id, ParseId(id_text));
  SG_TRY(const FollowedRepository followed, registry_.Get(id));
  return JsonResponse(json::serialize(ToJson(followed)));
}

Result<net::HttpResponse> RegistryApi::Put(const net::ServerRequest& request,
                                           const std::string& id_text) {
  SG_TRY(const int64_t id, ParseId(id_text));
  RepositoryRef ref{.repository_id = id};
  if (!request.body.empty()) {
    SG_TRY(const json::object body, ParseBody(request.body));
    SG_TRY(ref.full_name, OptionalText(body, "full_name"));
    SG_TRY(ref.node_id, OptionalText(body, "node_id"));
  }
  SG_RETURN_IF_ERROR(registry_.Follow(std::string(registry::kManualRule), ref));
  return Get(id_text);
}

Result<net::HttpResponse> RegistryApi::Delete(const std::string& id_text) {
  SG_TRY(const int64_t id, ParseId(id_text));
  SG_RETURN_IF_ERROR(registry_.Unfollow(std::string(registry::kManualRule), id));
  return net::HttpResponse{.status = 204};
}

Result<net::HttpResponse> RegistryApi::ReplaceRule(const net::ServerRequest& request,
                                                   const std::string& rule) {
  SG_TRY(const json::object body, ParseBody(request.body));
  const json::value* list = body.if_contains("repositories");
  if (list == nullptr || !list->is_array())
    return Error(ErrorKind::kInvalidInput, "'repositories' is not a list");
  std::vector<RepositoryRef> repositories;
  for (const json::value& value : list->as_array()) {
    SG_TRY(RepositoryRef ref, RefFrom(value, repositories.size()));
    repositories.push_back(std::move(ref));
  }
  SG_TRY(const registry::ReplaceCounts counts, registry_.ReplaceRule(rule, repositories));
  return JsonResponse(json::serialize(
      json::object{{"added", counts.added}, {"removed", counts.removed}, {"kept", counts.kept}}));
}

}  // namespace stargaze::serve
