#include "app/forward.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <filesystem>

#include <boost/json.hpp>

#include "net/http_client.h"
#include "net/url.h"
#include "secrets/secret_source.h"

namespace stargaze::app {
namespace {

namespace json = boost::json;

// Long enough for a pipeline's run, which a person waits for.
constexpr std::chrono::hours kOperationLimit{6};
// Of a command that the server itself ends after 30 s.
constexpr std::chrono::seconds kAnswerLimit{60};
constexpr std::chrono::seconds kLeftWithin{1};
constexpr std::chrono::milliseconds kLookAgain{20};
constexpr std::array<std::string_view, 3> kLoopback{"127.0.0.1", "localhost", "[::1]"};

constexpr const char* kPath = "/operations/";

net::HttpRequest OperationRequest(const std::string& base_url,
                                  const std::vector<std::string>& arguments) {
  net::HttpRequest request{.method = "POST", .url = base_url + kPath + kCliOperation};
  request.headers.Add("content-type", "application/json");
  request.body = json::serialize(json::object{{"arguments", json::value_from(arguments)}});
  request.first_byte_timeout = kOperationLimit;
  request.total_timeout = kOperationLimit;
  request.redirects_max = 0;  // The admin token is for one origin.
  return request;
}

// Flags with a value that are about this process: the server has its own, or is told anew.
constexpr std::array<std::string_view, 8> kOwnFlags{
    "--home", "-c", "--config", "--catalog", "--server", "--color", "--tz", "--log-format"};
constexpr std::array<std::string_view, 4> kOwnSwitches{"--no-input", "--no-pager", "-q", "--quiet"};

std::vector<std::string> WithoutOwnFlags(const std::vector<std::string>& arguments) {
  std::vector<std::string> kept;
  for (auto at = arguments.begin(); at != arguments.end(); ++at) {
    if (*at == "--") {
      kept.insert(kept.end(), at, arguments.end());
      return kept;
    }
    const std::string name = at->substr(0, at->find('='));
    const bool is_short_config = at->starts_with("-c") && at->size() > 2;
    if (is_short_config || std::ranges::find(kOwnSwitches, name) != kOwnSwitches.end()) continue;
    if (std::ranges::find(kOwnFlags, name) == kOwnFlags.end()) {
      kept.push_back(*at);
    } else if (name == *at && at + 1 != arguments.end()) {
      ++at;
    }
  }
  return kept;
}

// The server writes for this process's terminal, which it does not see.
std::vector<std::string> ForServer(const Session& session,
                                   const std::vector<std::string>& arguments) {
  const OutputOptions options = session.output();
  std::vector<std::string> all = session.ConductFlags();
  const bool says_format = std::ranges::any_of(arguments, [](const std::string& argument) {
    return argument.starts_with("--json") || argument.starts_with("--format");
  });
  if (options.out_is_terminal && !says_format) all.emplace_back("--format=table");
  all.emplace_back(options.color ? "--color=always" : "--color=never");
  const std::vector<std::string> kept = WithoutOwnFlags(arguments);
  all.insert(all.end(), kept.begin(), kept.end());
  return all;
}

Result<ServerAnswer> ReadAnswer(const std::string& body) {
  boost::system::error_code error;
  const json::value parsed = json::parse(body, error);
  const json::object* answer = error ? nullptr : parsed.if_object();
  const json::value* code = answer == nullptr ? nullptr : answer->if_contains("exit_code");
  if (code == nullptr || !code->is_int64() || code->as_int64() < 0 || code->as_int64() > 255)
    return Error(ErrorKind::kCorrupt, "the server's answer cannot be read");
  const auto text = [&](const char* key) {
    const json::value* value = answer->if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
  };
  return ServerAnswer{.exit_code = static_cast<int>(code->as_int64()),
                      .out = text("stdout"),
                      .err = text("stderr")};
}

// The admin token of the server that --server names.
Result<secrets::Secret> RemoteToken(const config::Settings& settings) {
  if (const std::string& token = settings.Text("remote.token"); !token.empty())
    return secrets::Secret(token);
  const std::string& file = settings.Text("remote.token_file");
  if (file.empty())
    return Error(ErrorKind::kUnauthorized, "a server's commands need its admin token")
        .Remedy(
            "set STARGAZE_REMOTE_TOKEN, or remote.token_file to a file that holds it: it is the "
            "file admin_token in the server's data folder");
  secrets::FileSecrets files;
  SG_TRY(const secrets::Secret text, files.Get(file));
  return secrets::Secret(text.Reveal().substr(0, text.Reveal().find_first_of("\r\n")));
}

// What a server that is not on this machine says when it does not do it.
Error Refused(const std::string& server, const net::HttpResponse& response) {
  if (response.status == 401 || response.status == 403)
    return Error(ErrorKind::kUnauthorized, server + " does not accept the admin token")
        .Remedy("set STARGAZE_REMOTE_TOKEN to the text of admin_token in the server's data folder");
  boost::system::error_code error;
  const json::value problem = json::parse(response.body, error);
  const auto text = [&](const char* key) {
    const json::value* value =
        error || !problem.is_object() ? nullptr : problem.as_object().if_contains(key);
    return value != nullptr && value->is_string() ? Printable(std::string(value->as_string()))
                                                  : std::string();
  };
  const std::string detail = text("detail");
  std::string remedy = text("remedy");
  if (response.status == 502 || response.status == 504)
    remedy = "it may go on there: look at what it has done, then say it again";
  if (remedy.empty()) remedy = "check that Stargaze is what answers there";
  return Error(response.status == 429 ? ErrorKind::kRateLimited : ErrorKind::kUnavailable,
               fmt::format("{} answered HTTP {}{}{}",
                           server,
                           response.status,
                           detail.empty() ? "" : ": ",
                           detail))
      .Remedy(std::move(remedy));
}

Result<ServerAnswer> AskRemote(Session& session,
                               const config::Settings& settings,
                               const std::vector<std::string>& arguments) {
  SG_TRY(const std::string server, ServerAddress(session.server_flag));
  SG_TRY(const secrets::Secret token, RemoteToken(settings));
  session.Detail("asked: " + server);
  SG_TRY(const std::unique_ptr<net::CurlTransport> transport,
         net::CurlTransport::Create({.user_agent = "stargaze-cli",
                                     .proxy = net::ProxyFrom(session.environment().variables)}));
  net::HttpRequest request = OperationRequest(server, ForServer(session, arguments));
  request.headers.Add("authorization", "Bearer " + token.Reveal());
  if (session.limits_itself && !session.time_limit())
    request.first_byte_timeout = request.total_timeout = kAnswerLimit;
  const Result<net::HttpResponse> response = transport->Send(request, session.environment().stop);
  if (!response.ok() && response.error().remedy().empty())
    return Error(response.error())
        .Remedy("check the address and the network; what had been sent may have been done");
  SG_RETURN_IF_ERROR(response);
  if (response.value().status != 200) return Refused(server, response.value());
  SG_TRY(ServerAnswer answer, ReadAnswer(response.value().body));
  if (session.environment().out_is_terminal) answer.out = Printable(answer.out);
  if (session.environment().err_is_terminal) answer.err = Printable(answer.err);
  return answer;
}

// A process that is killed closes its socket a little before its lock.
bool IsLeftSoon(const std::string& home, const std::stop_token& stop) {
  std::error_code error;
  if (!std::filesystem::exists(DataFolder::SocketPathOf(home), error))
    return !DataFolder::IsHeld(home);
  SystemClock clock;
  const Instant deadline = clock.Now() + kLeftWithin;
  while (DataFolder::IsHeld(home)) {
    if (clock.Now() >= deadline || !clock.SleepUntil(clock.Now() + kLookAgain, stop).ok())
      return false;
  }
  return true;
}

}  // namespace

Result<std::string> ServerAddress(const std::string& url) {
  SG_TRY(const net::UrlParts parts, net::ParseUrl(url));
  if (parts.path != "/" || !parts.query.empty())
    return Error(ErrorKind::kInvalidInput, "not a server's address: " + url)
        .Remedy("write --server https://host or https://host:port, without a path");
  const std::string& origin = parts.origin;
  const bool is_here = std::ranges::any_of(kLoopback, [&](std::string_view host) {
    const std::string start = "http://" + std::string(host);
    return origin == start || origin.starts_with(start + ":");
  });
  if (origin.starts_with("https://") || is_here) return origin;
  return Error(ErrorKind::kUnauthorized, "the admin token would travel unencrypted to " + origin)
      .Remedy("write https://, or go through a tunnel to this machine");
}

Result<std::optional<ServerAnswer>> AskServer(Session& session,
                                              const std::vector<std::string>& arguments) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  if (!session.server_flag.empty()) {
    SG_TRY(ServerAnswer answer, AskRemote(session, *settings, arguments));
    return std::optional<ServerAnswer>(std::move(answer));
  }
  const std::string home = settings->Text("home");
  if (!DataFolder::IsHeld(home)) return std::optional<ServerAnswer>();
  session.Detail("the server that holds the data folder is asked");
  SG_TRY(const std::unique_ptr<net::CurlTransport> transport,
         net::CurlTransport::Create("stargaze-cli"));
  net::HttpRequest request = OperationRequest("http://localhost", ForServer(session, arguments));
  request.unix_socket = DataFolder::SocketPathOf(home);
  const Result<net::HttpResponse> response = transport->Send(request, session.environment().stop);
  if (!response.ok() && IsLeftSoon(home, session.environment().stop))
    return Error(ErrorKind::kUnavailable, "the server has gone before it answered")
        .Remedy("see what it has done, then say it again");
  if (!response.ok() || response.value().status != 200) {
    return Error(ErrorKind::kConflict,
                 "another stargaze process holds the data folder and does not answer: " + home)
        .Remedy("wait until it is done, stop it, or choose another folder with --home");
  }
  SG_TRY(ServerAnswer answer, ReadAnswer(response.value().body));
  return std::optional<ServerAnswer>(std::move(answer));
}

std::string FieldOf(const std::string& printed, const char* name) {
  boost::system::error_code error;
  const json::value rows = json::parse(printed, error);
  if (error || !rows.is_array() || rows.as_array().empty() || !rows.as_array()[0].is_object())
    return {};
  const json::value* field = rows.as_array()[0].as_object().if_contains(name);
  return field != nullptr && field->is_string() ? std::string(field->as_string()) : std::string();
}

Result<std::optional<int>> ForwardToServer(Session& session,
                                           const std::vector<std::string>& arguments) {
  SG_TRY(const std::optional<ServerAnswer> answer, AskServer(session, arguments));
  if (!answer) return std::optional<int>();
  session.PrintText(answer->out);
  session.raw_err() << answer->err;  // The server has heeded --quiet and --log-format.
  return std::optional<int>(answer->exit_code);
}

}  // namespace stargaze::app
