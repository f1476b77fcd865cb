#include "serve/openapi.h"

#include <algorithm>

#include <boost/json.hpp>

#include "base/version.h"
#include "serve/schema_text.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;

constexpr const char* kAbout =
    "Instants are RFC 3339 in UTC, days are UTC dates, counts are integers, velocities are per "
    "day. Reads are "
    "open on loopback; elsewhere they need the role viewer. A change needs the admin token, or a "
    "session's "
    "cookie together with its x-stargaze-session header and the exact Origin. Every answer carries "
    "x-request-id; "
    "every GET an ETag that If-None-Match may name.";

// Which refusals a route may answer with, beside its own answer.
constexpr int kRefusals[] = {
    400, 401, 403, 404, 405, 409, 413, 414, 421, 429, 431, 500, 503, 504, 507};

json::object Text(const std::string& text) {
  return {{"description", text}};
}

Result<json::object> ParameterObject(const Parameter& parameter, const char* in) {
  SG_TRY(json::object schema, TypeSchema(parameter.type));
  json::object object{{"name", parameter.name},
                      {"in", in},
                      {"description", parameter.description},
                      {"schema", std::move(schema)}};
  if (std::string_view(in) == "path") object["required"] = true;
  if (!parameter.example.empty()) object["example"] = parameter.example;
  return object;
}

Result<json::array> Parameters(const Route& route) {
  json::array list;
  for (const Parameter& one : route.path) {
    if (route.pattern.find("{" + one.name + "}") == std::string::npos)
      return Error(ErrorKind::kInternal, "the path has no {" + one.name + "}");
    SG_TRY(json::object object, ParameterObject(one, "path"));
    list.push_back(std::move(object));
  }
  const auto named = std::count(route.pattern.begin(), route.pattern.end(), '{');
  if (named != static_cast<int64_t>(route.path.size()))
    return Error(ErrorKind::kInternal, "a part of the path is not described");
  for (const Parameter& one : route.query) {
    SG_TRY(json::object object, ParameterObject(one, "query"));
    list.push_back(std::move(object));
  }
  return list;
}

Result<json::object> Responses(const Route& route) {
  json::object good = Text("The answer.");
  if (!route.answer.empty()) {
    SG_TRY(json::object schema, TypeSchema(route.answer));
    const std::string media = route.media.empty() ? "application/json" : route.media;
    good["content"] = json::object{{media, json::object{{"schema", std::move(schema)}}}};
  } else if (!route.media.empty()) {
    good["content"] = json::object{{route.media, json::object{{"schema", {{"type", "string"}}}}}};
  }
  const bool empty = route.answer.empty() && route.media.empty();
  json::object responses{{empty ? "204" : "200", empty ? Text("Done.") : std::move(good)}};
  if (route.method == "GET") responses["304"] = Text("As the If-None-Match of the request says.");
  for (const int status : kRefusals)
    responses[std::to_string(status)] = {{"$ref", "#/components/responses/Problem"}};
  return responses;
}

std::string OperationId(const Route& route) {
  std::string id = route.method;
  std::transform(id.begin(), id.end(), id.begin(), [](unsigned char c) { return std::tolower(c); });
  bool gap = true;
  for (const char c : route.pattern) {
    const bool plain = std::isalnum(static_cast<unsigned char>(c)) != 0;
    if (plain) id += gap ? std::string("_") + c : std::string(1, c);
    gap = !plain;
  }
  return id;
}

const char* NameOf(Role role) {
  switch (role) {
    case Role::kAnyone:
      return "anyone";
    case Role::kViewer:
      return "viewer";
    case Role::kOperator:
      return "operator";
    case Role::kAdmin:
      return "admin";
  }
  return "admin";
}

Result<json::object> Operation(const Route& route) {
  if (route.summary.empty() || route.tag.empty())
    return Error(ErrorKind::kInternal, "neither tag nor summary may be missing");
  SG_TRY(json::array parameters, Parameters(route));
  SG_TRY(json::object responses, Responses(route));
  json::object operation{{"operationId", OperationId(route)},
                         {"tags", json::array{json::value_from(route.tag)}},
                         {"summary", route.summary},
                         {"x-role", NameOf(route.role)},
                         {"parameters", std::move(parameters)},
                         {"responses", std::move(responses)}};
  if (route.role == Role::kAnyone || route.role == Role::kViewer)
    operation["security"] =
        json::array{json::object(), {{"token", json::array()}}, {{"session", json::array()}}};
  if (!route.body.empty()) {
    SG_TRY(json::object schema, TypeSchema(route.body));
    operation["requestBody"] = {
        {"content", {{"application/json", {{"schema", std::move(schema)}}}}}};
  }
  return operation;
}

constexpr const char* kProblemSchema = R"(
Problem: why a request was refused (RFC 9457)
  type string
  title string  The same as code.
  status integer
  detail string  What happened.
  remedy string  What to do about it; may be empty.
  code string  A stable word.
  request_id string  As in x-request-id; the access log has it too.
)";

Result<json::object> Components(const Router& router) {
  json::object schemas;
  SG_RETURN_IF_ERROR(AddSchemas(kProblemSchema, schemas));
  for (const std::string& text : router.schemas()) SG_RETURN_IF_ERROR(AddSchemas(text, schemas));
  const json::object problem{
      {"description", "Refused."},
      {"content",
       {{"application/problem+json", {{"schema", {{"$ref", "#/components/schemas/Problem"}}}}}}}};
  return json::object{
      {"schemas", std::move(schemas)},
      {"responses", {{"Problem", problem}}},
      {"securitySchemes",
       {{"token", {{"type", "http"}, {"scheme", "bearer"}}},
        {"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "stargaze_session"}}}}}};
}

// Every name behind #/components/schemas/ is declared.
Status CheckReferences(const json::value& value, const json::object& schemas) {
  if (const json::array* list = value.if_array()) {
    for (const json::value& item : *list) SG_RETURN_IF_ERROR(CheckReferences(item, schemas));
  }
  const json::object* object = value.if_object();
  if (object == nullptr) return Ok();
  constexpr std::string_view kPrefix = "#/components/schemas/";
  for (const auto& [key, item] : *object) {
    SG_RETURN_IF_ERROR(CheckReferences(item, schemas));
    if (key != "$ref" || !item.is_string()) continue;
    const std::string reference(item.as_string());
    if (reference.starts_with(kPrefix) && !schemas.contains(reference.substr(kPrefix.size())))
      return Error(ErrorKind::kInternal, "no schema is called " + reference.substr(kPrefix.size()));
  }
  return Ok();
}

}  // namespace

Result<std::string> OpenApiDocument(const Router& router) {
  json::object paths;
  for (const Router::Entry& entry : router.entries()) {
    Result<json::object> operation = Operation(entry.route);
    if (!operation.ok())
      return std::move(operation).error().While(entry.route.method + " " + entry.route.pattern);
    std::string method = entry.route.method;
    std::transform(method.begin(), method.end(), method.begin(), [](unsigned char c) {
      return std::tolower(c);
    });
    json::value& path = paths[entry.route.pattern];
    if (path.is_null()) path = json::object();
    path.as_object()[method] = std::move(operation).value();
  }
  SG_TRY(json::object components, Components(router));
  const json::object schemas = components.at("schemas").as_object();
  const json::value document = json::object{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "Stargaze"}, {"version", std::string(kVersion)}, {"description", kAbout}}},
      {"security",
       json::array{json::object{{"token", json::array()}},
                   json::object{{"session", json::array()}}}},
      {"paths", std::move(paths)},
      {"components", std::move(components)}};
  SG_RETURN_IF_ERROR(CheckReferences(document, schemas));
  return json::serialize(document);
}

}  // namespace stargaze::serve
