#include "metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <mutex>

namespace stargaze::metrics {

struct Metrics::Impl {
  prometheus::Registry registry;
  std::mutex mutex;
  std::map<std::string, prometheus::Family<prometheus::Counter>*> counters;
  std::map<std::string, prometheus::Family<prometheus::Gauge>*> gauges;
};

Metrics::Metrics() : impl_(std::make_unique<Impl>()) {}
Metrics::~Metrics() = default;

void Metrics::Count(const std::string& name,
                    const std::string& help,
                    const Labels& labels,
                    double by) {
  const std::lock_guard lock(impl_->mutex);
  auto& family = impl_->counters[name];
  if (family == nullptr)
    family = &prometheus::BuildCounter().Name(name).Help(help).Register(impl_->registry);
  family->Add(labels).Increment(by);
}

void Metrics::SetGauge(const std::string& name,
                       const std::string& help,
                       double value,
                       const Labels& labels) {
  const std::lock_guard lock(impl_->mutex);
  auto& family = impl_->gauges[name];
  if (family == nullptr)
    family = &prometheus::BuildGauge().Name(name).Help(help).Register(impl_->registry);
  family->Add(labels).Set(value);
}

std::string Metrics::Text() const {
  return prometheus::TextSerializer().Serialize(impl_->registry.Collect());
}

}  // namespace stargaze::metrics
