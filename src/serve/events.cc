#include "serve/events.h"

#include <fmt/core.h>

#include <charconv>

#include "serve/problem.h"

namespace stargaze::serve {

void Events::Tell(std::string_view text) {
  std::erase_if(listeners_, [text](const auto& listener) { return !listener->Push(text); });
}

void Events::Publish(std::string_view type, std::string_view data) {
  const std::lock_guard lock(mutex_);
  const uint64_t id = next_id_++;
  remembered_.push_back(
      {.id = id, .text = fmt::format("id: {}\nevent: {}\ndata: {}\n\n", id, type, data)});
  if (remembered_.size() > kRemembered) remembered_.pop_front();
  Tell(remembered_.back().text);
}

void Events::Heartbeat() {
  const std::lock_guard lock(mutex_);
  Tell(": still here\n\n");
}

Result<net::ServerResponse> Events::Listen(const net::ServerRequest& request) {
  const std::string last(request.headers.Find("last-event-id").value_or(""));
  uint64_t after = UINT64_MAX;
  std::from_chars(last.data(), last.data() + last.size(), after);
  const std::lock_guard lock(mutex_);
  std::erase_if(listeners_, [](const auto& listener) { return listener->is_closed(); });
  if (listeners_.size() >= kListenersMax)
    return Error(ErrorKind::kUnavailable, "too many listen already")
        .Remedy("ask /api/v1/freshness instead")
        .After(std::chrono::seconds(30));
  auto stream = std::make_shared<net::PushStream>();
  stream->Push("retry: 3000\n\n");
  for (const Event& event : remembered_) {
    if (event.id > after) stream->Push(event.text);
  }
  listeners_.push_back(stream);
  net::ServerResponse response(TextResponse({}, "text/event-stream"));
  response.answer.headers.Add("cache-control", "no-store");
  response.push = std::move(stream);
  return response;
}

}  // namespace stargaze::serve
