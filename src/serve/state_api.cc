#include "serve/state_api.h"

#include <fmt/core.h>

#include <boost/json.hpp>

#include "serve/json_rows.h"
#include "serve/problem.h"

namespace stargaze::serve {
namespace {

namespace json = boost::json;
using net::HttpResponse;
using net::ServerRequest;

Result<json::object> BodyOf(const ServerRequest& request) {
  boost::system::error_code error;
  const json::value body = json::parse(request.body, error);
  if (!error && body.is_object()) return body.as_object();
  return Error(ErrorKind::kInvalidInput, "the body is not a JSON object")
      .Remedy("see /api/v1/openapi.json");
}

std::string TextOf(const json::object& body, const char* key) {
  const json::value* value = body.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

const char* NameOf(Role role) {
  constexpr const char* kNames[] = {"anyone", "viewer", "operator", "admin"};
  return kNames[static_cast<std::size_t>(role)];
}

HttpResponse Secret(const json::object& body) {
  HttpResponse response = TextResponse(json::serialize(body), "application/json");
  response.headers.Add("cache-control", "no-store");
  return response;
}

std::string CookieText(const std::string& value, int64_t seconds, bool tls) {
  return fmt::format("stargaze_session={}; Path=/; Max-Age={}; HttpOnly; SameSite=Strict{}",
                     value,
                     seconds,
                     tls ? "; Secure" : "");
}

}  // namespace

Result<HttpResponse> StateApi::Freshness(const ServerRequest& request) {
  json::object body{{"now", FormatInstantSeconds(parts_.clock.Now())},
                    {"sandbox", parts_.sandbox},
                    {"datasets", json::array()}};
  Result<storage::SqlRows> rows = Freshest(request.stop);
  if (!rows.ok() && rows.error().kind() == ErrorKind::kNotFound)
    return JsonResponse(json::serialize(body));
  if (!rows.ok()) return std::move(rows).error();
  json::array datasets = RowsToJson(rows.value());
  for (json::value& dataset : datasets) {
    const auto lag = lag_.Of(std::string(dataset.at("dataset").as_string()));
    dataset.as_object()["lag_seconds"] = lag ? json::value(lag->count()) : json::value(nullptr);
  }
  body["datasets"] = std::move(datasets);
  return JsonResponse(json::serialize(body));
}

// A row per dataset: dataset, last_success, last_failure, failed_subjects.
Result<storage::SqlRows> StateApi::Freshest(const std::stop_token& stop) {
  SG_TRY(warehouse::PublishedLease lease, parts_.published.Acquire(stop));
  SG_TRY(storage::SqlRows rows,
         lease.QueryOnce(
             "SELECT dataset, max(observed_at) FILTER (state <> 'failed') AS last_success, "
             "max(observed_at) FILTER (state = 'failed') AS last_failure, "
             "count(*) FILTER (state = 'failed' AND logical_date = newest) AS failed_subjects "
             "FROM (SELECT *, max(logical_date) OVER (PARTITION BY dataset) AS newest FROM "
             "collection_log) "
             "GROUP BY dataset ORDER BY dataset"));
  DataLag::Newest newest;
  for (const auto& row : rows.rows)
    if (const auto* answered_at = std::get_if<Instant>(&row[1]))
      newest[std::get<std::string>(row[0])] = *answered_at;
  lag_.Note(newest, lease.publication().published_at);
  return rows;
}

void StateApi::GaugeDataLag() {
  (void)Freshest({});  // Before the first publication there is nothing to be said.
  for (const auto& [dataset, lag] : lag_.All())
    parts_.metrics.SetGauge("stargaze_data_lag_seconds",
                            "From the newest answer to the publication that shows it.",
                            static_cast<double>(lag.count()),
                            {{"dataset", dataset}});
}

Status StateApi::SchedulerIsWell() const {
  const SchedulingParts& scheduling = parts_.scheduling;
  if (scheduling.scheduler == nullptr || !scheduling.runs_by_itself) return Ok();
  const orchestrate::HealthView health = scheduling.scheduler->Health();
  if (health.stands_still) {
    return Error(ErrorKind::kUnavailable,
                 fmt::format("not ready: the scheduler stands still since {}",
                             FormatInstantSeconds(health.heartbeat_at)))
        .Remedy("look at the disk and at the process; a restart takes up what ran");
  }
  if (!health.trouble.empty()) {
    return Error(ErrorKind::kUnavailable,
                 "not ready: the state of runs cannot be written: " + health.trouble)
        .Remedy("make room on the disk; the scheduler goes on by itself");
  }
  return Ok();
}

void StateApi::GaugeScheduler() {
  const SchedulingParts& scheduling = parts_.scheduling;
  if (scheduling.scheduler == nullptr || !scheduling.runs_by_itself) return;
  const orchestrate::HealthView health = scheduling.scheduler->Health();
  const auto gauge = [&](const char* name, const char* help, double value) {
    parts_.metrics.SetGauge(name, help, value);
  };
  gauge("stargaze_scheduler_heartbeat_age_seconds",
        "Since the scheduler's last look at its work.",
        static_cast<double>(health.heartbeat_age.count()));
  gauge("stargaze_scheduler_stands_still",
        "1 when the scheduler does nothing although it should.",
        health.stands_still || !health.trouble.empty() ? 1 : 0);
  gauge("stargaze_scheduler_new_runs_held",
        "1 while no new runs begin because the disk is nearly full.",
        health.new_runs_held_by_disk ? 1 : 0);
  if (health.disk_days_left)
    gauge("stargaze_disk_days_left", "Until the disk is full.", *health.disk_days_left);
}

Result<HttpResponse> StateApi::Ready() {
  SG_RETURN_IF_ERROR(SchedulerIsWell());
  const Result<warehouse::PublishedLease> lease = parts_.published.Acquire();
  if (!lease.ok())
    return Error(ErrorKind::kUnavailable, "not ready: " + lease.error().message())
        .Remedy("run a pipeline: stargaze dag run github_repo");
  return TextResponse("ready\n", "text/plain; charset=utf-8");
}

Result<HttpResponse> StateApi::Metrics() {
  GaugeScheduler();
  GaugeDataLag();
  return TextResponse(parts_.metrics.Text(), "text/plain; version=0.0.4; charset=utf-8");
}

Result<HttpResponse> StateApi::LogIn(const ServerRequest& request) {
  SG_TRY(const json::object body, BodyOf(request));
  SG_TRY(const Logins::Opened opened, logins_.Open(TextOf(body, "code")));
  HttpResponse response = Secret({{"role", NameOf(opened.facts.role)},
                                  {"session", opened.facts.proof},
                                  {"expires_at", FormatInstantSeconds(opened.facts.expires)}});
  const std::chrono::seconds life = Logins::kSessionLife;
  response.headers.Add("set-cookie", CookieText(opened.cookie, life.count(), request.tls));
  return response;
}

Result<HttpResponse> StateApi::LogOut(const ServerRequest& request) {
  logins_.Close(Guard::CookieOf(request));
  HttpResponse response{.status = 204};
  response.headers.Add("set-cookie", CookieText("", 0, request.tls));
  return response;
}

Result<HttpResponse> StateApi::Session(const ServerRequest& request) {
  const auto session = guard_.SessionOf(request);
  return Secret({{"role", NameOf(guard_.RoleOf(request))},
                 {"session", session ? json::value_from(session->proof) : json::value(nullptr)},
                 {"expires_at",
                  session ? json::value_from(FormatInstantSeconds(session->expires))
                          : json::value(nullptr)}});
}

Result<HttpResponse> StateApi::NewLoginCode(const ServerRequest& request) {
  SG_TRY(const json::object body, BodyOf(request));
  const std::string name = TextOf(body, "role");
  for (const Role role : {Role::kViewer, Role::kOperator, Role::kAdmin}) {
    if (name == NameOf(role)) return Secret({{"code", logins_.NewCode(role)}, {"role", name}});
  }
  return Error(ErrorKind::kInvalidInput, "'role' is none of viewer, operator, admin");
}

Result<HttpResponse> StateApi::RunOperation(const ServerRequest& request, const std::string& name) {
  const auto operation = parts_.operations.find(name);
  if (operation == parts_.operations.end())
    return Error(ErrorKind::kNotFound, "no operation is called '" + name + "'");
  SG_TRY(const json::object body, BodyOf(request));
  const json::value* list = body.if_contains("arguments");
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
