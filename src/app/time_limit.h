// --timeout: what a command may take, and the one token that says stop, whoever asks.

#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <stop_token>
#include <thread>

namespace stargaze::app {

class TimeLimit {
 public:
  // `asked` by the person or the server; no limit before Begin.
  explicit TimeLimit(std::stop_token asked);
  TimeLimit(const TimeLimit&) = delete;
  TimeLimit& operator=(const TimeLimit&) = delete;

  std::stop_token token() const { return stop_.get_token(); }
  void Begin(std::chrono::seconds limit);  // Once.
  bool passed() const { return passed_.load(); }

 private:
  std::stop_source stop_;
  std::atomic<bool> passed_ = false;
  std::stop_callback<std::function<void()>> relay_;
  std::jthread timer_;
};

}  // namespace stargaze::app
