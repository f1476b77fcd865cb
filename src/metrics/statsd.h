// Metrics to a StatsD server, over UDP.

#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace stargaze::metrics {

struct StatsdOptions {
  std::string host = "localhost";
  int port = 8125;
  std::string prefix = "airflow";  // Before every name, with a dot; empty: none.
};

// Safe for concurrent use; never waits for the network, and a server that is not there costs
// nothing but its metrics. Lines go together in datagrams of at most kMostBytes. Counters add up
// and gauges keep their last value until Flush; timings go as they come.
class Statsd {
 public:
  static constexpr std::size_t kMostBytes = 1432;  // What Ethernet carries in one piece.
  static constexpr std::size_t kMostName = 250;

  // Looks up the host once. kInvalidInput, kUnavailable when there is no such host.
  static Result<std::unique_ptr<Statsd>> Open(const StatsdOptions& options);
  ~Statsd();  // Flushes.
  Statsd(const Statsd&) = delete;
  Statsd& operator=(const Statsd&) = delete;

  // A character of `name` that is not of [a-zA-Z0-9_.-/] becomes "_"; what is longer is cut.
  void Count(std::string_view name, int64_t by = 1);
  void Gauge(std::string_view name, double value);
  void Timing(std::string_view name, double milliseconds);

  void Flush();
  // Datagrams that the system did not take.
  int64_t lost() const;

 private:
  Statsd(int socket, std::string prefix);
  std::string NameOf(std::string_view name) const;
  void Add(std::string_view line);  // The mutex is held.
  void Send();                      // The mutex is held.

  const int socket_;
  const std::string prefix_;
  mutable std::mutex mutex_;
  std::map<std::string, int64_t> counts_;
  std::map<std::string, double> gauges_;
  std::string datagram_;
  int64_t lost_ = 0;
};

}  // namespace stargaze::metrics
