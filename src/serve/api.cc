#include "serve/api.h"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "serve/data_page.h"
#include "serve/feed.h"
#include "serve/guard.h"
#include "serve/json_rows.h"
#include "serve/problem.h"
#include "serve/registry_api.h"
#include "serve/tables_api.h"
#include "serve/trends_page.h"
#include "serve/widget.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;
using net::HttpResponse;
using net::ServerRequest;

constexpr int kMethodNotAllowed = 405;
constexpr int kMisdirected = 421;

void AddSecurityHeaders(HttpResponse& response, const std::string& request_id) {
  // A widget is made to stand in foreign pages, and brings a policy of its own.
  const bool is_widget = response.headers.Find("content-security-policy").has_value();
  if (!is_widget)
    response.headers.Add(
        "content-security-policy",
        "default-src 'self'; img-src 'self' data:; frame-ancestors 'none'; base-uri "
        "'none'; form-action 'none'");
  response.headers.Add("x-content-type-options", "nosniff");
  response.headers.Add("referrer-policy", "no-referrer");
  response.headers.Add("cross-origin-opener-policy", "same-origin");
  response.headers.Add("cross-origin-resource-policy", is_widget ? "cross-origin" : "same-origin");
  response.headers.Add("x-request-id", request_id);
}

std::string Joined(const std::vector<std::string>& words) {
  std::string joined;
  for (const std::string& word : words) joined += (joined.empty() ? "" : ", ") + word;
  return joined;
}

// Paths of the API are never the page's, so that a wrong one is an error and not the page.
bool IsApiPath(const std::string& path) {
  return path.starts_with("/api/") || path.starts_with("/operations/");
}

}  // namespace

struct Api::Pages {
  TrendsPage trends;
  DataPage data;
  Widgets widgets;
  Feeds feeds;
  TablesApi tables;
  RegistryApi registry;
};

Api::Api(ApiParts parts)
    : parts_(std::move(parts)),
      static_files_(parts_.files, "web/dist/"),
      pages_(new Pages{.trends{parts_.published, parts_.clock},
                       .data = DataPage(parts_.catalog, parts_.published, parts_.clock),
                       .widgets = Widgets(parts_.published),
                       .feeds = Feeds(parts_.published),
                       .tables = TablesApi(parts_.catalog, parts_.published),
                       .registry = RegistryApi(parts_.registry)}) {
  AddPageRoutes();
  AddRegistryRoutes();
  AddStateRoutes();
}

Api::~Api() = default;

void Api::AddPageRoutes() {
  router_.Add("GET", "/api/v1/pages/trends", [this](const ServerRequest& r, const PathParameters&) {
    return pages_->trends.Bundle(r);
  });
  router_.Add("GET",
              "/api/v1/pages/trends/sections/{name}",
              [this](const ServerRequest& r, const PathParameters& p) {
                return pages_->trends.Section(r, p.at("name"));
              });
  for (const std::string format : {"csv", "json", "ndjson", "sql"}) {
    router_.Add("GET",
                "/api/v1/pages/trends/{panel}." + format,
                [this, format](const ServerRequest& r, const PathParameters& p) {
                  return pages_->trends.Export(r, p.at("panel"), format);
                });
  }
  router_.Add("GET", "/api/v1/pages/data", [this](const ServerRequest&, const PathParameters&) {
    return pages_->data.Bundle();
  });
  router_.Add("GET", "/widget/{kind}.svg", [this](const ServerRequest& r, const PathParameters& p) {
    return pages_->widgets.Draw(r, p.at("kind"));
  });
  router_.Add("GET", "/feed/trends.atom", [this](const ServerRequest& r, const PathParameters&) {
    return pages_->feeds.Atom(r);
  });
  router_.Add("GET", "/feed/trends.json", [this](const ServerRequest& r, const PathParameters&) {
    return pages_->feeds.Json(r);
  });
  router_.Add("GET", "/api/v1/tables", [this](const ServerRequest& r, const PathParameters&) {
    return pages_->tables.List(r);
  });
  router_.Add(
      "GET", "/api/v1/tables/{table}.csv", [this](const ServerRequest& r, const PathParameters& p) {
        return pages_->tables.Export(r, p.at("table"));
      });
  router_.Add(
      "GET", "/api/v1/tables/{table}", [this](const ServerRequest& r, const PathParameters& p) {
        return pages_->tables.Page(r, p.at("table"));
      });
}

void Api::AddRegistryRoutes() {
  RegistryApi& registry = pages_->registry;
  router_.Add(
      "GET", "/api/v1/repositories", [&registry](const ServerRequest& r, const PathParameters&) {
        return registry.List(r);
      });
  router_.Add("GET",
              "/api/v1/repositories/{id}",
              [&registry](const ServerRequest&, const PathParameters& p) {
                return registry.Get(p.at("id"));
              });
  router_.Add("PUT",
              "/api/v1/repositories/{id}",
              [&registry](const ServerRequest& r, const PathParameters& p) {
                return registry.Put(r, p.at("id"));
              });
  router_.Add("DELETE",
              "/api/v1/repositories/{id}",
              [&registry](const ServerRequest&, const PathParameters& p) {
                return registry.Delete(p.at("id"));
              });
  router_.Add("PUT",
              "/api/v1/rules/{rule}/repositories",
              [&registry](const ServerRequest& r, const PathParameters& p) {
                return registry.ReplaceRule(r, p.at("rule"));
              });
}

void Api::AddStateRoutes() {
  router_.Add("GET", "/api/v1/freshness", [this](const ServerRequest&, const PathParameters&) {
    return Freshness();
  });
  router_.Add(
      "GET", "/healthz", [](const ServerRequest&, const PathParameters&) -> Result<HttpResponse> {
        return TextResponse("ok\n", "text/plain; charset=utf-8");
      });
  router_.Add(
      "GET", "/readyz", [this](const ServerRequest&, const PathParameters&) { return Ready(); });
  router_.Add("GET",
              "/metrics",
              [this](const ServerRequest&, const PathParameters&) -> Result<HttpResponse> {
                return TextResponse(parts_.metrics.Text(),
                                    "text/plain; version=0.0.4; charset=utf-8");
              });
  router_.Add(
      "POST", "/operations/{name}", [this](const ServerRequest& r, const PathParameters& p) {
        return RunOperation(r, p.at("name"));
      });
}

HttpResponse Api::Handle(const ServerRequest& request) {
  const std::string request_id = fmt::format("r{:08x}", next_request_++);
  HttpResponse response = Answer(request, request_id);
  parts_.metrics.Count("stargaze_http_requests_total",
                       "HTTP requests by status.",
                       {{"status", std::to_string(response.status)}});
  AddSecurityHeaders(response, request_id);
  return response;
}

HttpResponse Api::Answer(const ServerRequest& request, const std::string& request_id) {
  if (!IsLocalHost(request)) {
    return ProblemResponse(kMisdirected,
                           Error(ErrorKind::kInvalidInput, "this host name is not served")
                               .Remedy("use http://localhost with the port"),
                           request_id);
  }
  const Router::Match match = router_.Find(request.method, request.path);
  if (match.route == nullptr && match.allowed.empty() && !IsChange(request) &&
      !IsApiPath(request.path)) {
    HttpResponse page = static_files_.Respond(request);
    if (page.status != 404) return page;
  }
  if (match.route == nullptr && !match.allowed.empty()) {
    HttpResponse response =
        ProblemResponse(kMethodNotAllowed,
                        Error(ErrorKind::kInvalidInput,
                              "the method is not allowed here; allowed: " + Joined(match.allowed)),
                        request_id);
    response.headers.Add("allow", Joined(match.allowed));
    return response;
  }
  if (match.route == nullptr) {
    return ProblemResponse(
        Error(ErrorKind::kNotFound, "nothing is here: " + request.path.substr(0, 200))
            .Remedy("docs/api.md lists the paths"),
        request_id);
  }
  if (IsChange(request)) {
    if (const Status allowed = AuthorizeChange(request, parts_.admin_token); !allowed.ok())
      return ProblemResponse(allowed.error(), request_id);
  }
  Result<HttpResponse> response = match.route->handler(request, match.parameters);
  return response.ok() ? std::move(response).value()
                       : ProblemResponse(response.error(), request_id);
}

Result<HttpResponse> Api::Freshness() {
  json::object body{{"now", FormatInstantSeconds(parts_.clock.Now())},
                    {"sandbox", parts_.sandbox},
                    {"datasets", json::array()}};
  Result<warehouse::PublishedLease> lease = parts_.published.Acquire();
  if (!lease.ok() && lease.error().kind() == ErrorKind::kNotFound)
    return JsonResponse(json::serialize(body));
  if (!lease.ok()) return std::move(lease).error();
  SG_TRY(const storage::SqlRows rows,
         lease.value().Query(
             "SELECT dataset, max(observed_at) FILTER (state <> 'failed') AS last_success, "
             "max(observed_at) FILTER (state = 'failed') AS last_failure, "
             "count(*) FILTER (state = 'failed' AND logical_date = newest) AS failed_subjects "
             "FROM (SELECT *, max(logical_date) OVER (PARTITION BY dataset) AS newest FROM "
             "collection_log) "
             "GROUP BY dataset ORDER BY dataset"));
  body["datasets"] = RowsToJson(rows);
  return JsonResponse(json::serialize(body));
}

Result<HttpResponse> Api::Ready() {
  const Result<warehouse::PublishedLease> lease = parts_.published.Acquire();
  if (!lease.ok())
    return Error(ErrorKind::kUnavailable, "not ready: " + lease.error().message())
        .Remedy("run a pipeline: stargaze dag run github_repo");
  return TextResponse("ready\n", "text/plain; charset=utf-8");
}

Result<HttpResponse> Api::RunOperation(const ServerRequest& request, const std::string& name) {
  const auto operation = parts_.operations.find(name);
  if (operation == parts_.operations.end())
    return Error(ErrorKind::kNotFound, "no operation is called '" + name + "'");
  boost::system::error_code error;
  const json::value body = json::parse(request.body, error);
  const json::value* list =
      !error && body.is_object() ? body.as_object().if_contains("arguments") : nullptr;
  if (list == nullptr || !list->is_array())
    return Error(ErrorKind::kInvalidInput, "the body is not {\"arguments\": [...]}");
  std::vector<std::string> arguments;
  for (const json::value& argument : list->as_array()) {
    if (!argument.is_string()) return Error(ErrorKind::kInvalidInput, "an argument is not a text");
    arguments.emplace_back(argument.as_string());
  }
  const OperationResult result = operation->second(arguments);
  return JsonResponse(json::serialize(json::object{
      {"exit_code", result.exit_code}, {"stdout", result.out}, {"stderr", result.err}}));
}

}  // namespace stargaze::serve
