#include "sandbox/body_pacer.h"

#include <utility>

namespace stargaze::sandbox {
namespace {

using Then = BodyPiece::Then;

constexpr std::size_t kSlowMax = 4'096;  // More than the server has connections.
constexpr std::chrono::milliseconds kTick{50};

net::BodySource AtOnce(BodyWriter writer) {
  return [writer = std::move(writer)](std::string& chunk) -> Result<bool> {
    BodyPiece piece = writer();
    if (piece.then == Then::kCut)
      return Error(ErrorKind::kUnavailable, "the sandbox cuts this body off");
    chunk += piece.bytes;
    return piece.then == Then::kMore;
  };
}

}  // namespace

BodyPacer::BodyPacer() : thread_([this](const std::stop_token& stop) { Run(stop); }) {}

BodyPacer::~BodyPacer() = default;

net::ServerResponse BodyPacer::Serve(PacedResponse paced) {
  net::ServerResponse response(std::move(paced.response));
  if (!paced.writer) return response;
  std::string body = std::exchange(response.answer.body, "");
  if (paced.interval.count() <= 0) {
    response.source = AtOnce(std::move(paced.writer));
    return response;
  }
  response.push = std::make_shared<net::PushStream>(body.size() + 1);
  const std::lock_guard lock(mutex_);
  if (slow_.size() >= kSlowMax) {
    slow_.front().stream->Close();
    slow_.pop_front();
  }
  slow_.push_back({.due = clock_.Now() + paced.interval,
                   .interval = paced.interval,
                   .writer = std::move(paced.writer),
                   .stream = response.push});
  some_.notify_one();
  return response;
}

void BodyPacer::Run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      if (!some_.wait(lock, stop, [this] { return !slow_.empty(); })) return;
    }
    if (!clock_.SleepUntil(clock_.Now() + kTick, stop).ok()) return;
    PushDue(clock_.Now());
  }
}

void BodyPacer::PushDue(Instant now) {
  const std::lock_guard lock(mutex_);
  std::erase_if(slow_, [now](Slow& one) {
    if (one.due > now) return false;
    one.due = now + one.interval;
    const BodyPiece piece = one.writer();
    const bool is_read = one.stream->Push(piece.bytes);
    if (is_read && piece.then == Then::kMore) return false;
    one.stream->Close();
    return true;
  });
}

}  // namespace stargaze::sandbox
