#include "metrics/statsd.h"

#include <fmt/core.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <utility>

namespace stargaze::metrics {
namespace {

bool IsAllowed(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-' || c == '/';
}

}  // namespace

Result<std::unique_ptr<Statsd>> Statsd::Open(const StatsdOptions& options) {
  if (options.host.empty() || options.port < 1 || options.port > 65535)
    return Error(ErrorKind::kInvalidInput, "a StatsD server has a host and a port of 1 to 65535");
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* found = nullptr;
  const int failed =
      getaddrinfo(options.host.c_str(), std::to_string(options.port).c_str(), &hints, &found);
  if (failed != 0)
    return Error(ErrorKind::kUnavailable,
                 fmt::format("StatsD server {}: {}", options.host, gai_strerror(failed)))
        .Remedy("set the address of a host that exists, or none");
  int socket_number = -1;
  for (const addrinfo* one = found; one != nullptr && socket_number < 0; one = one->ai_next) {
    socket_number =
        socket(one->ai_family, one->ai_socktype | SOCK_CLOEXEC | SOCK_NONBLOCK, one->ai_protocol);
    if (socket_number >= 0 && connect(socket_number, one->ai_addr, one->ai_addrlen) != 0) {
      close(socket_number);
      socket_number = -1;
    }
  }
  freeaddrinfo(found);
  if (socket_number < 0)
    return Error(ErrorKind::kUnavailable,
                 fmt::format("StatsD server {}: no socket to it", options.host));
  return std::unique_ptr<Statsd>(new Statsd(socket_number, options.prefix));
}

Statsd::Statsd(int socket, std::string prefix) : socket_(socket), prefix_(std::move(prefix)) {}

Statsd::~Statsd() {
  Flush();
  close(socket_);
}

std::string Statsd::NameOf(std::string_view name) const {
  std::string text = prefix_.empty() ? "" : prefix_ + ".";
  text += name;
  if (text.size() > kMostName) text.resize(kMostName);
  for (char& c : text)
    if (!IsAllowed(c)) c = '_';
  return text;
}

void Statsd::Count(std::string_view name, int64_t by) {
  const std::lock_guard lock(mutex_);
  counts_[NameOf(name)] += by;
}

void Statsd::Gauge(std::string_view name, double value) {
  const std::lock_guard lock(mutex_);
  gauges_[NameOf(name)] = value;
}

void Statsd::Timing(std::string_view name, double milliseconds) {
  const std::lock_guard lock(mutex_);
  Add(fmt::format("{}:{:.3f}|ms", NameOf(name), milliseconds));
}

void Statsd::Flush() {
  const std::lock_guard lock(mutex_);
  for (const auto& [name, count] : std::exchange(counts_, {}))
    Add(fmt::format("{}:{}|c", name, count));
  for (const auto& [name, value] : std::exchange(gauges_, {})) {
    // A sign would change the old value instead of setting a new one.
    if (value < 0) Add(fmt::format("{}:0|g", name));
    Add(fmt::format("{}:{}|g", name, value));
  }
  Send();
}

int64_t Statsd::lost() const {
  const std::lock_guard lock(mutex_);
  return lost_;
}

void Statsd::Add(std::string_view line) {
  if (!datagram_.empty() && datagram_.size() + 1 + line.size() > kMostBytes) Send();
  if (!datagram_.empty()) datagram_ += '\n';
  datagram_ += line;
}

void Statsd::Send() {
  if (datagram_.empty()) return;
  if (send(socket_, datagram_.data(), datagram_.size(), MSG_DONTWAIT | MSG_NOSIGNAL) < 0) ++lost_;
  datagram_.clear();
}

}  // namespace stargaze::metrics
