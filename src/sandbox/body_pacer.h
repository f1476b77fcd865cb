// The sandbox's answers as those of our HTTP server: how a body is paced, in real time.

#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <stop_token>
#include <thread>

#include "base/clock.h"
#include "net/http_server.h"
#include "sandbox/paced_body.h"

namespace stargaze::sandbox {

// Slow bodies are pushed by one thread, so that they hold none of the server's. They take real time
// even in a virtual one: their client waits for bytes, and a clock that jumps has nobody to wait
// for. Safe for concurrent use; outlives the server.
class BodyPacer {
 public:
  BodyPacer();
  ~BodyPacer();
  BodyPacer(const BodyPacer&) = delete;
  BodyPacer& operator=(const BodyPacer&) = delete;

  net::ServerResponse Serve(PacedResponse paced);

 private:
  struct Slow {
    Instant due{};
    std::chrono::milliseconds interval{0};
    BodyWriter writer{};
    std::shared_ptr<net::PushStream> stream{};
  };

  void Run(const std::stop_token& stop);
  // Pushes what is due.
  void PushDue(Instant now);

  SystemClock clock_;
  std::mutex mutex_;
  std::condition_variable_any some_;
  std::deque<Slow> slow_;  // Guarded by `mutex_`.
  std::jthread thread_;    // Last: it uses the others.
};

}  // namespace stargaze::sandbox
