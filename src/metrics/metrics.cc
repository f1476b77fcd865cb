#include "metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/summary.h>
#include <prometheus/text_serializer.h>

#include <chrono>
#include <mutex>

namespace stargaze::metrics {
namespace {

constexpr std::chrono::minutes kSummaryAge{10};
constexpr int kSummaryBuckets = 5;

prometheus::Summary::Quantiles Quantiles() {
  return {{0.5, 0.05}, {0.9, 0.01}, {0.99, 0.001}};
}

}  // namespace

struct Metrics::Impl {
  prometheus::Registry registry;
  std::mutex mutex;
  std::map<std::string, prometheus::Family<prometheus::Counter>*> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges;
  std::map<std::string, prometheus::Family<prometheus::Summary>*> summaries;
};

void Counter::Add(double by) const {
  series_->Increment(by);
}

void Gauge::Set(double value) const {
  series_->Set(value);
}

void Summary::Observe(double value) const {
  series_->Observe(value);
}

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::Count(const std::string& name,
                    const std::string& help,
                    const Labels& labels,
                    double by) {
  CounterOf(name, help, labels).Add(by);
}

void Metrics::SetGauge(const std::string& name,
                       const std::string& help,
                       double value,
                       const Labels& labels) {
  GaugeOf(name, help, labels).Set(value);
}

Counter Metrics::CounterOf(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(impl_->mutex);
  auto& family = impl_->counters[name];
  if (family == nullptr)
    family = &prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry);
  return Counter(family->Add(labels));
}

Gauge Metrics::GaugeOf(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(impl_->mutex);
  auto& family = impl_->gauges[name];
  if (family == nullptr)
    family = &prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry);
  return Gauge(family->Add(labels));
}

Summary Metrics::SummaryOf(const std::string& name, const std::string& help, const Labels& labels) {
  const std::lock_guard lock(impl_->mutex);
  auto& family = impl_->summaries[name];
  if (family == nullptr)
    family = &prometheus::BuildSummary().Name(name).Help(help).Register(impl_->registry);
  return Summary(family->Add(labels, Quantiles(), kSummaryAge, kSummaryBuckets));
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace stargaze::metrics
