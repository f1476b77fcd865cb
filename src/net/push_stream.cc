#include "net/push_stream.h"

#include <utility>

namespace stargaze::net {

bool PushStream::Push(std::string_view text) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return false;
    if (unread_.size() + text.size() > unread_bytes_max_) {
      closed_ = true;
    } else {
      unread_ += text;
    }
  }
  Wake();
  return !is_closed();
}

void PushStream::Close() {
  {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    closed_ = true;
  }
  Wake();
}

bool PushStream::is_closed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::string PushStream::Take(bool& ended) {
  const std::lock_guard lock(mutex_);
  ended = closed_;
  return std::exchange(unread_, {});
}

void PushStream::OnPush(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

void PushStream::Wake() {
  std::function<void()> wake;
  {
    const std::lock_guard lock(mutex_);
    wake = wake_;
  }
  if (wake) wake();
}

}  // namespace stargaze::net
