#include "net/http_client_loop.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "base/assert.h"

namespace stargaze::net {
namespace {

using std::chrono::milliseconds;

// Everything that must happen sooner wakes the loop or is a deadline it knows.
constexpr int64_t kPollMillisecondsMax = 1000;
// Hosts nobody speaks to are forgotten beyond this, so that redirects cannot fill the memory.
constexpr std::size_t kHostsKept = 64;
constexpr long kConnectionsKept = 128;

}  // namespace

HttpClientLoop::HttpClientLoop(HttpClientOptions options, CURLM* multi)
    : options_(std::move(options)), multi_(multi) {
  curl_multi_setopt(multi, CURLMOPT_PIPELINING, CURLPIPE_MULTIPLEX);
  curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, kConnectionsKept);
  curl_multi_setopt(
      multi, CURLMOPT_MAX_CONCURRENT_STREAMS, static_cast<long>(options_.exchanges_per_host_max));
  thread_ = std::jthread([this](const std::stop_token& stop) { Loop(stop); });
}

HttpClientLoop::~HttpClientLoop() {
  thread_.request_stop();
  curl_multi_wakeup(multi_.get());
  thread_.join();
}

void HttpClientLoop::Run(Exchange& exchange, const std::stop_token& stop) {
  {
    const std::lock_guard lock(mutex_);
    arrived_.push_back(&exchange);
  }
  curl_multi_wakeup(multi_.get());
  const std::stop_callback cancel(stop, [&] {
    exchange.cancelled = true;
    curl_multi_wakeup(multi_.get());
  });
  std::unique_lock lock(mutex_);
  exchange.ended.wait(lock, [&] { return exchange.done; });  // The loop keeps its deadline.
}

void HttpClientLoop::Loop(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    TakeArrived();
    int running = 0;
    curl_multi_perform(multi_.get(), &running);
    TakeEnded();
    EndOverdue(SteadyNow());
    curl_multi_poll(multi_.get(), nullptr, 0, PollMilliseconds(SteadyNow()), nullptr);
  }
  TakeArrived();
  EndAll();
}

void HttpClientLoop::TakeArrived() {
  std::vector<Exchange*> arrived;
  {
    const std::lock_guard lock(mutex_);
    arrived.swap(arrived_);
  }
  for (Exchange* exchange : arrived) {
    Host& host = hosts_[exchange->slot];
    if (waiting_ >= static_cast<std::size_t>(options_.waiting_max) &&
        host.running.size() >= static_cast<std::size_t>(options_.exchanges_per_host_max)) {
      End(*exchange, EndedBy::kQueueFull, CURLE_OK);
      continue;
    }
    host.waiting.push_back(exchange);
    ++waiting_;
    StartWaiting(host);
  }
}

void HttpClientLoop::StartWaiting(Host& host) {
  while (!host.waiting.empty() &&
         host.running.size() < static_cast<std::size_t>(options_.exchanges_per_host_max)) {
    Exchange* exchange = host.waiting.front();
    host.waiting.pop_front();
    --waiting_;
    if (EndIfDue(*exchange, SteadyNow())) continue;
    const bool started = Prepare(*exchange, options_) &&
                         curl_multi_add_handle(multi_.get(), exchange->easy.get()) == CURLM_OK;
    if (started) {
      host.running.push_back(exchange);
    } else {
      exchange->easy.reset();
      End(*exchange, EndedBy::kNobody, CURLE_OUT_OF_MEMORY);
    }
  }
}

void HttpClientLoop::TakeEnded() {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    const CURLcode code = message->data.result;  // The message dies with its handle.
    char* owner = nullptr;
    curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
    auto* exchange = reinterpret_cast<Exchange*>(owner);
    SG_ASSERT(exchange != nullptr);
    Host& host = hosts_[exchange->slot];
    std::erase(host.running, exchange);
    End(*exchange, exchange->ended_by, code);
    StartWaiting(host);
  }
}

void HttpClientLoop::EndOverdue(SteadyTime now) {
  for (auto entry = hosts_.begin(); entry != hosts_.end();) {
    Host& host = entry->second;
    std::erase_if(host.running, [&](Exchange* exchange) { return EndIfDue(*exchange, now); });
    waiting_ -=
        std::erase_if(host.waiting, [&](Exchange* exchange) { return EndIfDue(*exchange, now); });
    StartWaiting(host);
    const bool idle = host.running.empty() && host.waiting.empty();
    entry = idle && hosts_.size() > kHostsKept ? hosts_.erase(entry) : std::next(entry);
  }
}

bool HttpClientLoop::EndIfDue(Exchange& exchange, SteadyTime now) {
  EndedBy reason = EndedBy::kNobody;
  const bool awaits_answer = exchange.easy != nullptr && !exchange.first_byte_seen;
  if (exchange.cancelled) {
    reason = EndedBy::kCancel;
  } else if (now >= exchange.deadline) {
    reason = EndedBy::kDeadline;
  } else if (awaits_answer && now >= exchange.first_byte_deadline) {
    reason = EndedBy::kFirstByteDeadline;
  }
  if (reason == EndedBy::kNobody) return false;
  End(exchange, reason, CURLE_OK);
  return true;
}

// The exchange is the sender's again afterwards, and may be gone.
void HttpClientLoop::End(Exchange& exchange, EndedBy reason, CURLcode code) {
  exchange.ended_by = reason;
  if (exchange.easy != nullptr) curl_multi_remove_handle(multi_.get(), exchange.easy.get());
  Finish(exchange, code);
  const std::lock_guard lock(mutex_);  // Held while notifying: the sender cannot be gone before.
  exchange.done = true;
  exchange.ended.notify_one();
}

void HttpClientLoop::EndAll() {
  for (auto& [slot, host] : hosts_) {
    for (Exchange* exchange : host.running) End(*exchange, EndedBy::kCancel, CURLE_OK);
    for (Exchange* exchange : host.waiting) End(*exchange, EndedBy::kCancel, CURLE_OK);
  }
  hosts_.clear();
}

int HttpClientLoop::PollMilliseconds(SteadyTime now) const {
  SteadyTime next = now + milliseconds(kPollMillisecondsMax);
  for (const auto& [slot, host] : hosts_) {
    for (const Exchange* exchange : host.waiting) next = std::min(next, exchange->deadline);
    for (const Exchange* exchange : host.running) {
      next = std::min(next, exchange->deadline);
      if (!exchange->first_byte_seen) next = std::min(next, exchange->first_byte_deadline);
    }
  }
  const auto left = std::chrono::ceil<milliseconds>(next - now).count();
  return static_cast<int>(std::clamp<int64_t>(left, 0, kPollMillisecondsMax));
}

}  // namespace stargaze::net
