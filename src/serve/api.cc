#include "serve/api.h"

#include <fmt/core.h>

#include "base/crc32c.h"
#include "base/random.h"
#include "serve/freshness.h"
#include "serve/negotiation.h"
#include "serve/openapi.h"
#include "serve/problem.h"
#include "serve/routes.h"
#include "serve/static_files.h"

namespace stargaze::serve {
namespace {

using net::HttpResponse;
using net::ServerRequest;
using net::ServerResponse;

constexpr int kForbidden = 403;
constexpr int kMethodNotAllowed = 405;
constexpr int kMisdirected = 421;

void AddSecurityHeaders(HttpResponse& response, const std::string& path) {
  // Widgets are made to stand in other sites' pages; nothing else may be framed. They are
  // pictures with a style of their own and load nothing.
  const bool is_widget = path.starts_with("/w/");
  response.headers.Add(
      "content-security-policy",
      is_widget ? "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors *"
                : "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
                  "form-action 'none'; frame-ancestors 'none'");
  response.headers.Add("x-content-type-options", "nosniff");
  response.headers.Add("referrer-policy", "no-referrer");
  response.headers.Add("permissions-policy",
                       "camera=(), geolocation=(), microphone=(), payment=(), usb=()");
  response.headers.Add("cross-origin-opener-policy", "same-origin");
  response.headers.Add("cross-origin-resource-policy", is_widget ? "cross-origin" : "same-origin");
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

ServerResponse NotModified(const std::string& tag) {
  HttpResponse response{.status = 304};
  response.headers.Add("etag", tag);
  response.headers.Add("cache-control", "no-cache");
  return response;
}

std::string_view HeaderOf(const ServerRequest& request, std::string_view name) {
  return request.headers.Find(name).value_or("");
}

}  // namespace

struct Api::Impl {
  explicit Impl(ApiParts given)
      : parts(std::move(given)),
        logins(parts.people_clock),
        guard(parts.guard, logins, parts.people_clock),
        files(parts.files, "web/dist/"),
        publication(parts.published_directory),
        trends(parts.published, parts.clock),
        data(parts.catalog, parts.published, parts.clock),
        widgets(parts.published),
        feeds(parts.published),
        tables(parts.catalog, parts.published),
        registry(parts.registry),
        state(parts, guard, logins) {
    Random random(Random::SeedFromDevice());
    start = random.Hex(6);  // Another program may answer otherwise over the same data.
  }

  ApiParts parts;
  Logins logins;
  Guard guard;
  StaticFiles files;
  PublicationWatch publication;
  TrendsPage trends;
  DataPage data;
  Widgets widgets;
  Feeds feeds;
  TablesApi tables;
  RegistryApi registry;
  StateApi state;
  Router router;
  std::string openapi;
  std::string start;

  Status AddRoutes();
  std::string PublicationTag(const ServerRequest& request);
  ServerResponse Answer(const ServerRequest& request);
  ServerResponse AnswerRoute(const ServerRequest& request, const Router::Match& match);
  ServerResponse NoRoute(const ServerRequest& request, const Router::Match& match);
  void Count(int status);
};

Status Api::Impl::AddRoutes() {
  AddTrendsRoutes(router, trends);
  AddDataRoutes(router, data);
  AddShareRoutes(router, widgets, feeds);
  AddTableRoutes(router, tables);
  AddRegistryRoutes(router, registry);
  AddStateRoutes(router, state);
  if (parts.scheduling.scheduler != nullptr) {
    AddDagRoutes(router, parts.scheduling, parts.clock);
    AddRunRoutes(router, parts.scheduling);
    AddPoolRoutes(router, *parts.scheduling.scheduler);
  }
  router.Add({.method = "GET",
              .pattern = "/api/v1/openapi.json",
              .tag = "State",
              .summary = "This document.",
              .answer = "map",
              .role = Role::kAnyone},
             [this](const ServerRequest&, const PathParameters&) -> Result<HttpResponse> {
               return JsonResponse(openapi);
             });
  SG_TRY(openapi, OpenApiDocument(router));
  return Ok();
}

// Weak: the moment of asking is in some answers.
std::string Api::Impl::PublicationTag(const ServerRequest& request) {
  const std::string version = publication.Version();
  return fmt::format(
      "W/\"{}-{}-{:08x}\"", version.empty() ? "none" : version, start, Crc32c(request.target));
}

ServerResponse Api::Impl::NoRoute(const ServerRequest& request, const Router::Match& match) {
  if (match.allowed.empty()) {
    return ProblemResponse(
        Error(ErrorKind::kNotFound, "nothing is here: " + request.path.substr(0, 200))
            .Remedy("/api/v1/openapi.json lists the paths"),
        request.request_id);
  }
  HttpResponse response =
      ProblemResponse(kMethodNotAllowed,
                      Error(ErrorKind::kInvalidInput,
                            "the method is not allowed here; allowed: " + Joined(match.allowed)),
                      request.request_id);
  response.headers.Add("allow", Joined(match.allowed));
  return response;
}

ServerResponse Api::Impl::AnswerRoute(const ServerRequest& request, const Router::Match& match) {
  const Route& route = match.entry->route;
  const bool is_tagged = !IsChange(request) && route.tagged != Tagged::kNever;
  // Before the answer: data that is published meanwhile makes the tag too old, never too new.
  std::string tag =
      is_tagged && route.tagged == Tagged::kByPublication ? PublicationTag(request) : "";
  Result<ServerResponse> made = match.entry->handler(request, match.parameters);
  if (!made.ok()) return ProblemResponse(made.error(), request.request_id);
  ServerResponse response = std::move(made).value();
  if (!is_tagged || response.answer.status != 200) return response;
  if (tag.empty())
    tag = fmt::format("\"{:08x}-{:x}\"", Crc32c(response.answer.body), response.answer.body.size());
  if (MatchesTag(HeaderOf(request, "if-none-match"), tag)) return NotModified(tag);
  response.answer.headers.Add("etag", tag);
  if (!response.answer.headers.Find("cache-control"))
    response.answer.headers.Add("cache-control", "no-cache");
  return response;
}

ServerResponse Api::Impl::Answer(const ServerRequest& request) {
  if (!guard.IsServedHost(request)) {
    return ProblemResponse(
        kMisdirected,
        Error(ErrorKind::kInvalidInput, "this host name is not served")
            .Remedy("use http://localhost with the port, or list the name in server.host_names"),
        request.request_id);
  }
  const Router::Match match = router.Find(request.method, request.path);
  if (match.entry == nullptr) return NoRoute(request, match);
  bool is_known = false;
  if (const Status allowed = guard.Authorize(request, match.entry->route.role, is_known);
      !allowed.ok()) {
    HttpResponse refused = is_known
                               ? ProblemResponse(kForbidden, allowed.error(), request.request_id)
                               : ProblemResponse(allowed.error(), request.request_id);
    if (!is_known) refused.headers.Add("www-authenticate", "Bearer");
    return refused;
  }
  if (const Status admitted = guard.Admit(request); !admitted.ok())
    return ProblemResponse(admitted.error(), request.request_id);
  return AnswerRoute(request, match);
}

void Api::Impl::Count(int status) {
  parts.metrics.Count("stargaze_http_requests_total",
                      "HTTP requests by status.",
                      {{"status", std::to_string(status)}});
}

Api::Api(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Api::~Api() = default;

Result<std::unique_ptr<Api>> Api::Create(ApiParts parts) {
  auto impl = std::make_unique<Impl>(std::move(parts));
  SG_RETURN_IF_ERROR(impl->AddRoutes());
  return std::unique_ptr<Api>(new Api(std::move(impl)));
}

std::optional<ServerResponse> Api::AnswerAtOnce(const ServerRequest& request) {
  if (IsChange(request) || !impl_->guard.IsServedHost(request)) return std::nullopt;
  std::optional<ServerResponse> response;
  const Router::Match match = impl_->router.Find(request.method, request.path);
  if (match.entry == nullptr) {
    if (!match.allowed.empty() || IsApiPath(request.path)) return std::nullopt;
    response = impl_->files.Respond(request);
    if (response->answer.status == 404) return std::nullopt;
  } else {
    const std::string_view wanted = HeaderOf(request, "if-none-match");
    bool is_known = false;
    if (wanted.empty() || match.entry->route.tagged != Tagged::kByPublication ||
        !impl_->guard.Authorize(request, match.entry->route.role, is_known).ok())
      return std::nullopt;
    const std::string tag = impl_->PublicationTag(request);
    if (!MatchesTag(wanted, tag) || wanted == "*") return std::nullopt;
    response = NotModified(tag);
  }
  impl_->Count(response->answer.status);
  AddSecurityHeaders(response->answer, request.path);
  return response;
}

ServerResponse Api::Handle(const ServerRequest& request) {
  ServerResponse response = impl_->Answer(request);
  impl_->Count(response.answer.status);
  AddSecurityHeaders(response.answer, request.path);
  return response;
}

HttpResponse Api::Refuse(int status, const Error& error, const std::string& request_id) {
  HttpResponse response = ProblemResponse(status, error, request_id);
  impl_->Count(status);
  AddSecurityHeaders(response, {});
  return response;
}

std::string Api::NewLoginCode() {
  return impl_->logins.NewCode(Role::kAdmin);
}

std::string Api::PublicationVersion() {
  return impl_->publication.Version();
}

}  // namespace stargaze::serve
