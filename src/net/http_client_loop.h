// The thread that drives all exchanges of an HTTP client. Private to net/.

#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "net/http_client_exchange.h"

namespace stargaze::net {

struct FreeMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};

// Owns libcurl's multi handle, which only its thread touches; senders reach it by `arrived_` and
// curl_multi_wakeup. Every exchange that was given ends: by itself, its deadlines, a cancel, or the
// loop's own end.
class HttpClientLoop {
 public:
  HttpClientLoop(HttpClientOptions options, CURLM* multi);
  ~HttpClientLoop();
  HttpClientLoop(const HttpClientLoop&) = delete;
  HttpClientLoop& operator=(const HttpClientLoop&) = delete;

  // Returns when the exchange has ended.
  void Run(Exchange& exchange, const std::stop_token& stop);

 private:
  struct Host {
    std::vector<Exchange*> running{};
    std::deque<Exchange*> waiting{};
  };

  void Loop(const std::stop_token& stop);
  void TakeArrived();
  void StartWaiting(Host& host);
  void TakeEnded();
  void EndOverdue(SteadyTime now);
  bool EndIfDue(Exchange& exchange, SteadyTime now);
  void EndAll();
  void End(Exchange& exchange, EndedBy reason, CURLcode code);
  int PollMilliseconds(SteadyTime now) const;

  const HttpClientOptions options_;
  std::unique_ptr<CURLM, FreeMulti> multi_;
  std::mutex mutex_;
  std::vector<Exchange*> arrived_;  // Guarded by mutex_; all below is the loop's own.
  std::map<std::string, Host> hosts_;
  std::size_t waiting_ = 0;
  std::jthread thread_;  // Last: it uses everything above.
};

}  // namespace stargaze::net
