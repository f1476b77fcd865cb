#include "app/serving.h"

#include <fmt/core.h>

#include <algorithm>
#include <filesystem>
#include <future>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

#include <boost/json.hpp>

#include "app/comma_list.h"
#include "app/forward.h"
#include "app/sandbox_server.h"
#include "app/scheduling.h"
#include "base/embedded_files.h"
#include "base/log_file.h"
#include "base/version.h"
#include "net/http_server.h"
#include "serve/api.h"

namespace stargaze::app {
namespace {

constexpr std::chrono::seconds kWatchEvery{1};
constexpr int kHeartbeatEvery = 15;  // Looks at the publication.
constexpr std::size_t kEventsAtOnce = 200;
constexpr std::chrono::seconds kFollowFor{60};

// Runs a command that another process asked for.
serve::Operation CliOperation(Session& session,
                              Instance& instance,
                              std::shared_future<std::string> served_at) {
  auto stores = std::make_shared<std::mutex>();
  return [&session, &instance, served_at = std::move(served_at), stores](
             const std::vector<std::string>& arguments) {
    CliEnvironment environment{.stop = session.environment().stop,
                               .attached = &instance,
                               .stores = stores.get(),
                               .served_at = served_at.get()};
    std::ostringstream out;
    std::ostringstream err;
    const int exit_code = RunCli(arguments, environment, out, err);
    return serve::OperationResult{.exit_code = exit_code, .out = out.str(), .err = err.str()};
  };
}

// The first page would wait for it otherwise. Nothing published yet is no error.
void TakeUpNewest(warehouse::PublishedReader& published) {
  Result<warehouse::PublishedLease> lease = published.Acquire();
  if (lease.ok()) (void)lease.value().NewestTrend();
}

std::set<std::string> WordSet(const std::string& text) {
  const std::vector<std::string> words = CommaList(text);
  return {words.begin(), words.end()};
}

bool IsLoopback(const std::string& address) {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

serve::GuardOptions GuardFrom(const config::Settings& settings,
                              const std::string& address,
                              std::string token) {
  serve::GuardOptions guard{
      .admin_token = std::move(token),
      .host_names = WordSet(settings.Text("server.host_names")),
      .proxies = CommaList(settings.Text("server.proxy_addresses")),
      .proxy_secret = settings.Text("server.proxy_secret"),
      .user_header = settings.Text("server.proxy_user_header"),
      .admins = WordSet(settings.Text("server.admins")),
      .operators = WordSet(settings.Text("server.operators")),
      .requests_per_second = static_cast<double>(settings.Integer("server.rate_limit"))};
  guard.reads_open = IsLoopback(address) && guard.proxies.empty();
  guard.host_names.insert(address);
  return guard;
}

Result<net::ServerOptions> ServerFrom(const config::Settings& settings,
                                      const ListenAddress& listen) {
  net::ServerOptions options{.address = listen.address,
                             .port = listen.port,
                             .proxies = CommaList(settings.Text("server.proxy_addresses"))};
  const std::string& certificate = settings.Text("server.tls_certificate");
  const std::string& key = settings.Text("server.tls_key");
  if (certificate.empty() != key.empty())
    return Error(ErrorKind::kInvalidInput,
                 "TLS needs both server.tls_certificate and server.tls_key; one is not set")
        .Remedy("set both, or neither");
  if (!certificate.empty()) options.tls = net::TlsFiles{.certificate = certificate, .key = key};
  if (!options.proxies.empty() && settings.Text("server.proxy_secret").empty())
    return Error(ErrorKind::kInvalidInput,
                 "server.proxy_addresses (" + settings.Origin("server.proxy_addresses") +
                     ") without server.proxy_secret: anybody on the proxy's machine could name any "
                     "user")
        .Remedy(
            "set STARGAZE_SERVER_PROXY_SECRET, and have the proxy send it as "
            "x-stargaze-proxy-secret");
  return options;
}

serve::SchedulingParts ScheduleParts(const Instance& instance) {
  Scheduling& scheduling = *instance.scheduling;
  return {.scheduler = &scheduling.scheduler(),
          .runs_by_itself = scheduling.options().follows_schedules,
          .dags = [&scheduling] { return scheduling.Dags(); },
          .problems = [&scheduling] { return scheduling.Problems(); },
          .log_folder = instance.folder->TaskLogPath()};
}

Result<std::unique_ptr<LogFile>> OpenAccessLog(const Instance& instance) {
  if (!instance.settings.Boolean("server.access_log")) return std::unique_ptr<LogFile>();
  const std::string folder = instance.folder->path() + "/logs";
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  return LogFile::Open(folder + "/access.log");
}

std::string AccessLine(const net::AccessRecord& record, Instant now) {
  return fmt::format("{} {} {} {} {} {} {:.3f}ms {}",
                     FormatInstant(now),
                     record.client.empty() ? "socket" : record.client,
                     record.method.empty() ? "-" : record.method,
                     record.target.empty() ? "-" : record.target,
                     record.status,
                     record.body_bytes,
                     static_cast<double>(record.microseconds) / 1000,
                     record.request_id);
}

std::string EventJson(const orchestrate::Event& event) {
  boost::json::object body{
      {"id", event.id}, {"at", FormatInstant(event.at)}, {"dag", event.dag_id}};
  body["run_id"] = event.run_id;
  body["detail"] = event.detail;
  if (event.kind == orchestrate::EventKind::kRun) body["state"] = NameOf(event.run_state);
  if (!event.task_id.empty()) {
    body["task"] = event.task_id;
    body["map_index"] = event.map_index;
    body["try"] = event.try_number;
    body["state"] = NameOf(event.state);
  }
  return boost::json::serialize(body);
}

// Tells listeners what the scheduler does, some events at a time.
void FollowScheduler(const orchestrate::Scheduler& scheduler,
                     serve::Events& events,
                     Clock& clock,
                     const std::stop_token& stop) {
  int64_t seen = 0;
  while (!stop.stop_requested()) {
    const auto news = scheduler.EventsAfter(seen, kEventsAtOnce, clock.Now() + kFollowFor, stop);
    for (const orchestrate::Event& event : news) {
      seen = event.id;
      events.Publish(NameOf(event.kind), EventJson(event));
    }
  }
}

// Tells listeners about newer data, and that the line is alive.
void WatchPublications(serve::Api& api,
                       serve::Events& events,
                       Clock& clock,
                       const std::stop_token& stop) {
  std::string seen = api.PublicationVersion();
  for (int look = 1; clock.SleepUntil(clock.Now() + kWatchEvery, stop).ok(); ++look) {
    if (look % kHeartbeatEvery == 0) events.Heartbeat();
    const std::string version = api.PublicationVersion();
    if (version == seen) continue;
    seen = version;
    events.Publish("publication", fmt::format(R"({{"version":"{}"}})", version));
  }
}

}  // namespace

Status Serve(Session& session, Instance& instance, metrics::Metrics& metrics) {
  SG_TRY(const ListenAddress listen, ParseListen(instance.settings.Text("listen")));
  SG_TRY(net::ServerOptions options, ServerFrom(instance.settings, listen));
  SG_TRY(const std::string token, instance.folder->AdminToken());
  SG_TRY(const std::unique_ptr<LogFile> access_log, OpenAccessLog(instance));
  TakeUpNewest(*instance.published);
  metrics.SetGauge(
      "stargaze_build_info", "The running version.", 1, {{"version", std::string(kVersion)}});
  SystemClock people_clock;
  serve::Events events;
  std::promise<std::string> served_at;  // Known once it listens.
  SG_TRY(const std::unique_ptr<serve::Api> api,
         serve::Api::Create(
             {.catalog = instance.declarations.catalog,
              .published = *instance.published,
              .registry = *instance.registry,
              .clock = instance.clock,
              .people_clock = people_clock,
              .metrics = metrics,
              .events = events,
              .files = EmbeddedFiles(),
              .published_directory = instance.folder->PublishedPath(),
              .guard = GuardFrom(instance.settings, listen.address, token),
              .sandbox = instance.options.identity.sandbox,
              .scheduling = ScheduleParts(instance),
              .operations = {{kCliOperation,
                              CliOperation(session, instance, served_at.get_future().share())}}}));
  options.unix_socket = instance.folder->SocketPath();
  options.clock = &people_clock;
  options.quick = [&api](const net::ServerRequest& request) { return api->AnswerAtOnce(request); };
  options.refusal = [&api](int status, const Error& error, const std::string& request_id) {
    return api->Refuse(status, error, request_id);
  };
  if (access_log) {
    options.access = [&](const net::AccessRecord& record) {
      access_log->Write(AccessLine(record, people_clock.Now()));
    };
  }
  SG_TRY(const std::unique_ptr<net::HttpServer> server,
         net::HttpServer::Start(
             options, [&api](const net::ServerRequest& request) { return api->Handle(request); }));
  const std::string host =
      listen.address.find(':') == std::string::npos ? listen.address : "[" + listen.address + "]";
  const std::string address =
      fmt::format("{}://{}:{}/", options.tls ? "https" : "http", host, server->port());
  served_at.set_value(address);
  const std::jthread watcher(
      [&](const std::stop_token& stop) { WatchPublications(*api, events, people_clock, stop); });
  // A sandbox's scheduler does nothing, and its clock stands still.
  std::optional<std::jthread> follower;
  if (instance.scheduling->options().follows_schedules) {
    follower.emplace([&](const std::stop_token& stop) {
      FollowScheduler(instance.scheduling->scheduler(), events, people_clock, stop);
    });
  }
  session.out() << fmt::format("Stargaze is at {}{}\n",
                               address,
                               instance.options.identity.sandbox ? "  (sandbox data)" : "")
                << std::flush;
  session.err() << fmt::format("To change things, log in once within 5 minutes: {}#login={}\n",
                               address,
                               api->NewLoginCode())
                << std::flush;
  WaitForStop(session.environment().stop);
  return Ok();
}

}  // namespace stargaze::app
