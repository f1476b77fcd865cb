// Counters and gauges for /metrics (Prometheus). One object, passed to whoever counts.

#pragma once

#include <map>
#include <memory>
#include <string>

namespace stargaze::metrics {

// Keep the number of label values small: never a repository, a URL or a message.
using Labels = std::map<std::string, std::string>;

// Safe for concurrent use. Names follow Prometheus: base units, counters end with _total.
class Metrics {
 public:
  Metrics();
  ~Metrics();
  Metrics(const Metrics&) = delete;
  Metrics& operator=(const Metrics&) = delete;

  void Count(const std::string& name,
             const std::string& help,
             const Labels& labels = {},
             double by = 1);
  void SetGauge(const std::string& name,
                const std::string& help,
                double value,
                const Labels& labels = {});

  // Text exposition format 0.0.4.
  std::string Text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::metrics
