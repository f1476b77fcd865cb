#include "app/forward.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include <boost/json.hpp>

#include "net/http_client.h"
#include "net/url.h"
#include "secrets/secret_source.h"

namespace stargaze::app {
namespace {

namespace json = boost::json;

// Long enough for a pipeline's run, which a person waits for.
constexpr std::chrono::hours kOperationLimit{6};
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

// The server writes for this process's terminal, which it does not see.
std::vector<std::string> ForTerminal(const Session& session, std::vector<std::string> arguments) {
  const OutputOptions options = session.output();
  const bool says_format = std::ranges::any_of(arguments, [](const std::string& argument) {
    return argument.starts_with("--json") || argument.starts_with("--format");
  });
  if (options.out_is_terminal && !says_format) arguments.emplace_back("--format=table");
  if (session.color_flag == "auto")
    arguments.emplace_back(options.color ? "--color=always" : "--color=never");
  return arguments;
}

Result<ServerAnswer> ReadAnswer(const std::string& body) {
  boost::system::error_code error;
  const json::value parsed = json::parse(body, error);
  const json::object* answer = error ? nullptr : parsed.if_object();
  const json::value* code = answer == nullptr ? nullptr : answer->if_contains("exit_code");
  if (code == nullptr || !code->is_int64())
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
  if (response.status == 429)
    return Error(ErrorKind::kRateLimited, server + " is asked too often").Remedy("ask again later");
  return Error(ErrorKind::kUnavailable, fmt::format("{} answered HTTP {}", server, response.status))
      .Remedy("check that Stargaze is what answers there");
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
  net::HttpRequest request = OperationRequest(server, ForTerminal(session, arguments));
  request.headers.Add("authorization", "Bearer " + token.Reveal());
  SG_TRY(const net::HttpResponse response, transport->Send(request, session.environment().stop));
  if (response.status != 200) return Refused(server, response);
  return ReadAnswer(response.body);
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
  net::HttpRequest request = OperationRequest("http://localhost", ForTerminal(session, arguments));
  request.unix_socket = DataFolder::SocketPathOf(home);
  const Result<net::HttpResponse> response = transport->Send(request, session.environment().stop);
  if (!response.ok() && !DataFolder::IsHeld(home))
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
