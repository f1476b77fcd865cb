#include "net/http_session.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/random.h"

namespace stargaze::net {
namespace {

std::string_view View(beast::string_view text) {
  return {text.data(), text.size()};
}

bool IsPrintable(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return c == '\t' || (c >= 0x20 && c != 0x7f);
  });
}

bool IsToken(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 ||
           std::string_view("!#$%&'*+-.^_`|~").find(static_cast<char>(c)) != std::string_view::npos;
  });
}

}  // namespace

SessionShared::SessionShared(const ServerOptions& chosen, ServerHandler handle)
    : options(chosen),
      handler(std::move(handle)),
      pool(static_cast<std::size_t>(chosen.handlers)),
      local_pool(2) {
  Random random(Random::SeedFromDevice());
  id_prefix_ = random.Hex(8);
}

bool SessionShared::Enter(const std::string& client) {
  const std::lock_guard lock(mutex_);
  if (entered_ >= options.connections_max) return false;
  int& count = clients_[client];
  if (!client.empty() && count >= options.connections_per_client_max) return false;
  ++count;
  ++entered_;
  return true;
}

void SessionShared::Leave(const std::string& client) {
  const std::lock_guard lock(mutex_);
  --entered_;
  const auto found = clients_.find(client);
  if (found != clients_.end() && --found->second == 0) clients_.erase(found);
  if (entered_ == 0) empty_.notify_all();
}

void SessionShared::Add(Connection* connection, std::weak_ptr<Connection> owner) {
  const std::lock_guard lock(mutex_);
  connections_.emplace(connection, std::move(owner));
}

void SessionShared::Remove(Connection* connection) {
  const std::lock_guard lock(mutex_);
  connections_.erase(connection);
}

std::vector<std::shared_ptr<Connection>> SessionShared::Connections() {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<Connection>> all;
  all.reserve(connections_.size());
  for (const auto& [connection, owner] : connections_) {
    if (auto alive = owner.lock()) all.push_back(std::move(alive));
  }
  return all;
}

bool SessionShared::WaitUntilEmpty(int seconds) {
  std::unique_lock lock(mutex_);
  return empty_.wait_for(lock, std::chrono::seconds(seconds), [this] { return entered_ == 0; });
}

ServerResponse SessionShared::Handle(const ServerRequest& request) const {
  try {
    ServerResponse response = handler(request);
    const auto size = static_cast<int64_t>(response.answer.body.size());
    if (size <= options.answer_bytes_max) return response;
  } catch (...) {
    return Refuse(500, RefusalFor(500), request.request_id);
  }
  return Refuse(507, RefusalFor(507), request.request_id);
}

ServerResponse SessionShared::Refuse(int status,
                                     const Error& error,
                                     const std::string& request_id) const {
  HttpResponse answer;
  if (options.refusal) {
    answer = options.refusal(status, error, request_id);
  } else {
    answer.status = status;
    answer.headers.Add("content-type", "text/plain; charset=utf-8");
    answer.body = error.message() + "\n";
  }
  if (status == 503) answer.headers.Add("retry-after", "1");
  return answer;
}

std::string SessionShared::NextRequestId() {
  return fmt::format("{}-{:x}", id_prefix_, next_id_++);
}

Instant SessionShared::Now() const {
  return options.clock == nullptr ? system_clock_.Now() : options.clock->Now();
}

std::string SessionShared::HttpDate() {
  const Instant now = Now();
  const auto second = std::chrono::floor<std::chrono::seconds>(now);
  const std::lock_guard lock(date_mutex_);
  if (second != date_second_ || date_.empty()) {
    date_second_ = second;
    date_ = FormatHttpDate(now);
  }
  return date_;
}

Result<ServerRequest> ToServerRequest(BeastRequest&& request) {
  ServerRequest ours;
  ours.target = std::string(View(request.target()));
  SG_TRY(UrlParts parts, ParseTarget(ours.target));
  std::optional<std::string> path = PercentDecode(parts.path);
  if (!path || !IsPrintable(*path))
    return Error(ErrorKind::kInvalidInput, "malformed path in the request's target");
  ours.method = std::string(View(request.method_string()));
  ours.path = std::move(*path);
  ours.query = std::move(parts.query);
  for (const auto& field : request)
    ours.headers.Add(View(field.name_string()), View(field.value()));
  ours.body = std::move(request.body());
  return ours;
}

int ForbiddenStatus(const BeastRequest& request, const ServerOptions& options) {
  constexpr unsigned kHttp11 = 11;
  if (static_cast<int64_t>(request.target().size()) > options.target_bytes_max) return 414;
  if (std::distance(request.begin(), request.end()) > options.header_fields_max) return 431;
  // Two hosts, or none, and two parties could take the request for two different ones.
  const auto hosts = static_cast<int64_t>(request.count(http::field::host));
  if (hosts > 1 || (hosts == 0 && request.version() >= kHttp11)) return 400;
  const bool two_lengths = request.count(http::field::content_length) > 1 ||
                           (request.has_content_length() && request.chunked());
  return two_lengths ? 400 : 0;
}

int StatusOf(const beast::error_code& error, const BeastRequest& begun) {
  if (error == http::error::header_limit) return begun.target().empty() ? 414 : 431;
  if (error == http::error::body_limit) return 413;
  return error.category() == http::make_error_code(http::error::bad_method).category() &&
                 error != http::error::end_of_stream
             ? 400
             : 0;
}

Error RefusalFor(int status) {
  switch (status) {
    case 408:
      return Error(ErrorKind::kTimeout, "the request did not arrive in time")
          .Remedy("send it again");
    case 413:
      return Error(ErrorKind::kInvalidInput, "the request's body is too large")
          .Remedy("send less at once");
    case 414:
      return Error(ErrorKind::kInvalidInput, "the request's target is too long")
          .Remedy("ask with fewer parameters");
    case 431:
      return Error(ErrorKind::kInvalidInput, "the request's header is too large")
          .Remedy("send fewer or shorter fields");
    case 500:
      return Error(ErrorKind::kInternal, "internal error")
          .Remedy("look for the request id in the log");
    case 503:
      return Error(ErrorKind::kUnavailable, "the server has more to do than it can")
          .Remedy("try again in a second");
    case 504:
      return Error(ErrorKind::kTimeout, "the answer took too long").Remedy("ask for less at once");
    case 507:
      return Error(ErrorKind::kExhausted, "the answer is too large")
          .Remedy("ask for a page, or stream the table");
    default:
      return Error(ErrorKind::kInvalidInput, "malformed request")
          .Remedy("send HTTP/1.1 as RFC 9112 has it");
  }
}

bool HasBody(int status) {
  return status != 204 && status != 304;
}

std::string HeadOf(const HttpResponse& answer,
                   unsigned version,
                   const std::vector<std::pair<std::string_view, std::string>>& more) {
  const beast::string_view reason = http::obsolete_reason(static_cast<http::status>(answer.status));
  std::string head;
  head.reserve(1024);
  head += version == 10 ? "HTTP/1.0 " : "HTTP/1.1 ";
  head += std::to_string(answer.status);
  head += ' ';
  head += View(reason);
  head += "\r\n";
  const auto add = [&head](std::string_view name, std::string_view value) {
    if (!IsToken(name) || !IsPrintable(value)) return;
    head += name;
    head += ": ";
    head += value;
    head += "\r\n";
  };
  for (const auto& [name, value] : answer.headers.all()) add(name, value);
  for (const auto& [name, value] : more) add(name, value);
  head += "\r\n";
  return head;
}

std::string LoggedTarget(const ServerRequest& request) {
  constexpr std::size_t kLoggedMax = 300;
  std::string target = request.target.substr(0, request.target.find_first_of("?#"));
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    target += separator + PercentEncode(name);
    separator = '&';
  }
  return target.substr(0, kLoggedMax);
}

}  // namespace stargaze::net
