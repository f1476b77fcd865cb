#include "app/forward.h"

#include <algorithm>

#include <boost/json.hpp>

#include "net/http_client.h"

namespace stargaze::app {
namespace {

namespace json = boost::json;

// Long enough for a pipeline's run, which a person waits for.
constexpr std::chrono::hours kOperationLimit{6};

net::HttpRequest OperationRequest(const std::string& home,
                                  const std::vector<std::string>& arguments) {
  net::HttpRequest request{.method = "POST",
                           .url = std::string("http://localhost/operations/") + kCliOperation};
  request.headers.Add("content-type", "application/json");
  request.body = json::serialize(json::object{{"arguments", json::value_from(arguments)}});
  request.unix_socket = DataFolder::SocketPathOf(home);
  request.first_byte_timeout = kOperationLimit;
  request.total_timeout = kOperationLimit;
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

}  // namespace

Result<std::optional<ServerAnswer>> AskServer(Session& session,
                                              const std::vector<std::string>& arguments) {
  SG_TRY(const config::Settings* settings, session.LoadSettings());
  const std::string home = settings->Text("home");
  if (!DataFolder::IsHeld(home)) return std::optional<ServerAnswer>();
  session.Detail("the server that holds the data folder is asked");
  SG_TRY(const std::unique_ptr<net::CurlTransport> transport,
         net::CurlTransport::Create("stargaze-cli"));
  const Result<net::HttpResponse> response = transport->Send(
      OperationRequest(home, ForTerminal(session, arguments)), session.environment().stop);
  if (!response.ok() && !DataFolder::IsHeld(home))
    return Error(ErrorKind::kUnavailable, "the server has gone before it answered")
        .Remedy("see what it has done, then say it again");
  if (!response.ok() || response.value().status != 200) {
    return Error(ErrorKind::kConflict,
                 "another stargaze process holds the data folder and does not answer: " + home)
        .Remedy("wait until it is done, stop it, or choose another folder with --home");
  }
  boost::system::error_code error;
  const json::value parsed = json::parse(response.value().body, error);
  const json::object* answer = error ? nullptr : parsed.if_object();
  if (answer == nullptr || !answer->contains("exit_code"))
    return Error(ErrorKind::kCorrupt, "the server's answer cannot be read");
  const auto text = [&](const char* key) {
    const json::value* value = answer->if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
  };
  return std::optional<ServerAnswer>(
      {.exit_code = static_cast<int>(answer->at("exit_code").as_int64()),
       .out = text("stdout"),
       .err = text("stderr")});
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
  session.findings() << answer->err;  // The server has heeded --quiet.
  return std::optional<int>(answer->exit_code);
}

}  // namespace stargaze::app
