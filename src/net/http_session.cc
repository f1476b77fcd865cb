#include "net/http_session.h"

#include <string>

namespace stargaze::net {
namespace {

BeastResponse PlainAnswer(http::status status,
                          unsigned version,
                          bool keep_alive,
                          std::string text) {
  BeastResponse response(status, version);
  response.set(http::field::content_type, "text/plain; charset=utf-8");
  response.body() = std::move(text);
  response.keep_alive(keep_alive);
  response.prepare_payload();
  return response;
}

std::string_view View(beast::string_view text) {
  return {text.data(), text.size()};
}

}  // namespace

std::optional<ServerRequest> ToServerRequest(BeastRequest&& request, bool local_socket) {
  ServerRequest ours;
  ours.target = std::string(View(request.target()));
  Result<UrlParts> parts = ParseTarget(ours.target);
  if (!parts.ok()) return std::nullopt;
  std::optional<std::string> path = PercentDecode(parts.value().path);
  if (!path || path->find('\0') != std::string::npos) return std::nullopt;
  ours.method = std::string(View(request.method_string()));
  ours.path = std::move(*path);
  ours.query = std::move(parts).value().query;
  for (const auto& field : request)
    ours.headers.Add(View(field.name_string()), View(field.value()));
  ours.body = std::move(request.body());
  ours.local_socket = local_socket;
  return ours;
}

Outgoing Answer(const SessionShared& shared, BeastRequest&& request, bool local_socket) {
  const unsigned version = request.version();
  const bool keep_alive = request.keep_alive();
  const bool is_head = request.method() == http::verb::head;
  const std::optional<ServerRequest> ours = ToServerRequest(std::move(request), local_socket);
  if (!ours)
    return {
        PlainAnswer(http::status::bad_request, version, keep_alive, "malformed request target\n")};
  ServerResponse answer;
  try {
    answer = shared.handler(*ours);
  } catch (...) {
    return {
        PlainAnswer(http::status::internal_server_error, version, keep_alive, "internal error\n")};
  }
  HttpResponse& whole = answer.response;
  Outgoing outgoing{.response = BeastResponse(static_cast<http::status>(whole.status), version)};
  BeastResponse& response = outgoing.response;
  for (const auto& [name, value] : whole.headers.all()) response.insert(name, value);
  const bool has_body = whole.status != 204 && whole.status != 304;
  if (answer.body_writer && has_body && !is_head) {
    response.keep_alive(false);
    if (answer.announced_bytes < 0) {
      response.chunked(true);
    } else {
      response.content_length(static_cast<uint64_t>(answer.announced_bytes));
    }
    outgoing.body_writer = std::move(answer.body_writer);
    return outgoing;
  }
  response.keep_alive(keep_alive);
  if (has_body) response.content_length(whole.body.size());
  if (has_body && !is_head) response.body() = std::move(whole.body);
  return outgoing;
}

BeastResponse AnswerTo(const beast::error_code& parse_error) {
  constexpr unsigned kHttp11 = 11;
  if (parse_error == http::error::header_limit) {
    return PlainAnswer(http::status::request_header_fields_too_large,
                       kHttp11,
                       false,
                       "the request's header is too large\n");
  }
  if (parse_error == http::error::body_limit) {
    return PlainAnswer(
        http::status::payload_too_large, kHttp11, false, "the request's body is too large\n");
  }
  return PlainAnswer(http::status::bad_request,
                     kHttp11,
                     false,
                     "malformed request: " + parse_error.message() + "\n");
}

}  // namespace stargaze::net
