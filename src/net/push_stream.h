// A body whose writer decides when the next part comes: server-sent events.

#pragma once

#include <cstddef>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

namespace stargaze::net {

// Safe for concurrent use. The writer never waits: a reader that falls behind the bound is cut off.
class PushStream {
 public:
  explicit PushStream(std::size_t unread_bytes_max = 64 << 10)
      : unread_bytes_max_(unread_bytes_max) {}

  // False when the reader is gone or too slow: nothing will be read any more.
  bool Push(std::string_view text);
  void Close();
  bool is_closed() const;

  // The connection's side. Take gives what has been pushed since; `ended` says that nothing
  // follows.
  std::string Take(bool& ended);
  // Called, outside the lock, after each push and at the end; replaced by another or by an empty
  // one.
  void OnPush(std::function<void()> wake);

 private:
  void Wake();

  mutable std::mutex mutex_;
  std::string unread_;
  std::size_t unread_bytes_max_;
  bool closed_ = false;
  std::function<void()> wake_;
};

}  // namespace stargaze::net
