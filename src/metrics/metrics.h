// Counters, gauges and summaries for /metrics (Prometheus). One object, passed to whoever counts.

#pragma once

#include <map>
#include <memory>
#include <string>

namespace prometheus {
class Counter;
class Gauge;
class Summary;
}  // namespace prometheus

namespace stargaze::metrics {

// Keep the number of label values small: never a repository, a URL or a message.
using Labels = std::map<std::string, std::string>;

// For those who count often: one series, found once. They live no longer than their Metrics.
class Counter {
 public:
  explicit Counter(prometheus::Counter& series) : series_(&series) {}
  void Add(double by = 1) const;

 private:
  prometheus::Counter* series_;
};

class Gauge {
 public:
  explicit Gauge(prometheus::Gauge& series) : series_(&series) {}
  void Set(double value) const;

 private:
  prometheus::Gauge* series_;
};

class Summary {
 public:
  explicit Summary(prometheus::Summary& series) : series_(&series) {}
  void Observe(double value) const;

 private:
  prometheus::Summary* series_;
};

// Safe for concurrent use. Names follow Prometheus: base units, counters end with _total; those of
// Airflow are as its dashboards ask for them.
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

  Counter CounterOf(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge GaugeOf(const std::string& name, const std::string& help, const Labels& labels = {});
  // With the quantiles 0.5, 0.9 and 0.99 of the last 10 minutes.
  Summary SummaryOf(const std::string& name, const std::string& help, const Labels& labels = {});

  // Text exposition format 0.0.4.
  std::string Text() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stargaze::metrics
