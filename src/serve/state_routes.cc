#include "serve/problem.h"
#include "serve/routes.h"

namespace stargaze::serve {
namespace {

constexpr const char* kSchemas = R"(
DatasetFreshness
  dataset string
  last_success instant?
  last_failure instant?
  failed_subjects integer  Of the newest logical date.
  lag_seconds integer?  From its newest answer to the publication that shows it; after a restart at most that.

Freshness: how old the data is
  now instant
  sandbox boolean
  datasets [DatasetFreshness]

LoginCode
  code string

Session
  role anyone|viewer|operator|admin
  session string?  Changes by cookie send it as x-stargaze-session; null without a session.
  expires_at instant?

RoleWish
  role viewer|operator|admin

NewLoginCode: opens one session within five minutes
  code string
  role viewer|operator|admin

Arguments
  arguments [string]

OperationResult
  exit_code integer
  stdout string
  stderr string
)";

constexpr const char* kPlain = "text/plain";

using Request = net::ServerRequest;

auto Adder(Router& router) {
  return [&router](Route route, auto handler) {
    route.tag = "State";
    router.Add(std::move(route), std::move(handler));
  };
}

void AddSessionRoutes(Router& router, StateApi& state) {
  const auto add = Adder(router);
  add({.method = "POST",
       .pattern = "/api/v1/login",
       .summary = "Open a session with a one-time code.",
       .body = "LoginCode",
       .answer = "Session",
       .role = Role::kAnyone,
       .tagged = Tagged::kNever},
      [&state](const Request& r, const PathParameters&) { return state.LogIn(r); });
  add({.method = "POST",
       .pattern = "/api/v1/logout",
       .summary = "End the session of the cookie.",
       .role = Role::kAnyone,
       .tagged = Tagged::kNever},
      [&state](const Request& r, const PathParameters&) { return state.LogOut(r); });
  add({.method = "GET",
       .pattern = "/api/v1/session",
       .summary = "Who the caller is.",
       .answer = "Session",
       .role = Role::kAnyone,
       .tagged = Tagged::kNever},
      [&state](const Request& r, const PathParameters&) { return state.Session(r); });
  add({.method = "POST",
       .pattern = "/api/v1/login-codes",
       .summary = "A one-time code for somebody else.",
       .body = "RoleWish",
       .answer = "NewLoginCode",
       .role = Role::kAdmin,
       .tagged = Tagged::kNever},
      [&state](const Request& r, const PathParameters&) { return state.NewLoginCode(r); });
}

}  // namespace

void AddStateRoutes(Router& router, StateApi& state) {
  router.AddSchemas(kSchemas);
  AddSessionRoutes(router, state);
  const auto add = Adder(router);
  add({.method = "GET",
       .pattern = "/api/v1/freshness",
       .summary = "How old the data is, by dataset.",
       .answer = "Freshness"},
      [&state](const Request& r, const PathParameters&) { return state.Freshness(r); });
  add({.method = "GET",
       .pattern = "/api/v1/events",
       .summary =
           "Server-sent events: 'publication' with the version whenever newer data is there.",
       .media = "text/event-stream",
       .tagged = Tagged::kNever},
      [&state](const Request& r, const PathParameters&) { return state.Listen(r); });
  add({.method = "GET",
       .pattern = "/healthz",
       .summary = "The process answers.",
       .media = kPlain,
       .role = Role::kAnyone},
      [](const Request&, const PathParameters&) -> Result<net::HttpResponse> {
        return TextResponse("ok\n", "text/plain; charset=utf-8");
      });
  add({.method = "GET",
       .pattern = "/readyz",
       .summary = "Data has been published and can be read.",
       .media = kPlain,
       .role = Role::kAnyone},
      [&state](const Request&, const PathParameters&) { return state.Ready(); });
  add({.method = "GET",
       .pattern = "/metrics",
       .summary = "Prometheus text format 0.0.4.",
       .media = kPlain},
      [&state](const Request&, const PathParameters&) { return state.Metrics(); });
  add({.method = "POST",
       .pattern = "/operations/{name}",
       .summary = "Run a command inside the server.",
       .path = {{"name", "string", "The operation.", "cli"}},
       .body = "Arguments",
       .answer = "OperationResult",
       .role = Role::kAdmin,
       .tagged = Tagged::kNever},
      [&state](const Request& r, const PathParameters& p) {
        return state.RunOperation(r, p.at("name"));
      });
}

}  // namespace stargaze::serve
