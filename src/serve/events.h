// What happens, told to whoever listens at /api/v1/events (server-sent events). Knows no event's
// meaning: a new kind is a new type.

#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "net/http_server.h"

namespace stargaze::serve {

// Safe for concurrent use.
class Events {
 public:
  static constexpr std::size_t kListenersMax = 256;
  static constexpr std::size_t kRemembered = 64;

  // `data` is one line of JSON. Never waits: a listener that falls behind is dropped.
  void Publish(std::string_view type, std::string_view data);
  // A comment to every listener, so that neither side takes a quiet line for a dead one.
  void Heartbeat();

  // A stream of events; those after Last-Event-ID first, as far as they are remembered.
  Result<net::ServerResponse> Listen(const net::ServerRequest& request);

 private:
  struct Event {
    uint64_t id = 0;
    std::string text{};
  };
  void Tell(std::string_view text);

  std::mutex mutex_;
  uint64_t next_id_ = 1;
  std::deque<Event> remembered_;
  std::vector<std::shared_ptr<net::PushStream>> listeners_;
};

}  // namespace stargaze::serve
