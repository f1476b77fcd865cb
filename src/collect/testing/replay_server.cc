#include "collect/testing/replay_server.h"

#include <fmt/core.h>

#include <utility>

#include "lake/gzip_writer.h"

namespace stargaze::collect::testing {
namespace {

constexpr std::string_view kRecordedOrigin = "https://api.github.com";
// Small enough that a body comes in several.
constexpr std::size_t kChunkBytes = 1500;

std::string Moved(std::string text, const std::string& origin) {
  for (std::size_t at = text.find(kRecordedOrigin); at != std::string::npos;
       at = text.find(kRecordedOrigin, at + origin.size()))
    text.replace(at, kRecordedOrigin.size(), origin);
  return text;
}

std::string Compressed(const std::string& body) {
  lake::GzipWriter gzip;
  gzip.Append(body);
  return gzip.Finish();
}

net::BodySource InChunks(std::string body) {
  return [body = std::move(body), at = std::size_t{0}](std::string& chunk) mutable -> Result<bool> {
    chunk += body.substr(at, kChunkBytes);
    at += kChunkBytes;
    return at < body.size();
  };
}

}  // namespace

ReplayServer::ReplayServer() {
  auto started = net::HttpServer::Start(
      {}, [this](const net::ServerRequest& request) { return Answer(request); });
  server_ = std::move(started).value();
}

ReplayServer::~ReplayServer() = default;

std::string ReplayServer::origin() const {
  return fmt::format("http://127.0.0.1:{}", server_->port());
}

void ReplayServer::Play(std::vector<RecordedExchange> exchanges) {
  const std::lock_guard lock(mutex_);
  script_ = std::move(exchanges);
  next_ = 0;
  received_.clear();
}

std::vector<net::ServerRequest> ReplayServer::received() const {
  const std::lock_guard lock(mutex_);
  return received_;
}

net::ServerResponse ReplayServer::Answer(const net::ServerRequest& request) {
  const std::lock_guard lock(mutex_);
  received_.push_back(request);
  const bool expected = next_ < script_.size() && script_[next_].method == request.method &&
                        script_[next_].target == request.target;
  if (!expected)
    return net::HttpResponse{.status = 400, .body = "not the next recorded: " + request.target};
  const RecordedExchange& recorded = script_[next_++];
  net::ServerResponse response(net::HttpResponse{.status = recorded.status, .body = recorded.body});
  for (const auto& [name, value] : recorded.headers.all()) {
    // Of the connection, not of the answer: the server writes its own.
    if (name == "content-length" || name == "transfer-encoding" || name == "connection") continue;
    const bool is_address = name == "link" || name == "location";
    response.answer.headers.Add(name, is_address ? Moved(value, origin()) : value);
  }
  if (recorded.Answered("content-encoding") == "gzip")
    response.answer.body = Compressed(recorded.body);
  if (recorded.Answered("transfer-encoding") == "chunked")
    response.source = InChunks(std::exchange(response.answer.body, {}));
  return response;
}

}  // namespace stargaze::collect::testing
