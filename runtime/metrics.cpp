#include "runtime/metrics.h"

#include <prometheus/text_serializer.h>

namespace sluice {
namespace {

const char* name_of(prometheus::MetricType type) {
  switch (type) {
    case prometheus::MetricType::Counter:
      return "counter";
    case prometheus::MetricType::Gauge:
      return "gauge";
    default:
      return "histogram";
  }
}

}  // namespace

Counter& Metrics::counter(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry_).Add(labels);
}

Gauge& Metrics::gauge(const std::string& name, const std::string& help, const Labels& labels) {
  return prometheus::BuildGauge().Name(name).Help(help).Register(registry_).Add(labels);
}

Histogram& Metrics::histogram(const std::string& name, const std::string& help, const std::vector<double>& upper_bounds,
                              const Labels& labels) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry_).Add(labels, upper_bounds);
}

std::string Metrics::text() const { return prometheus::TextSerializer().Serialize(registry_.Collect()); }

std::vector<MetricFamily> Metrics::families() const {
  std::vector<MetricFamily> families;
  for (const prometheus::MetricFamily& collected : registry_.Collect()) {
    MetricFamily family{collected.name, name_of(collected.type), collected.help, {}};
    for (const prometheus::ClientMetric& metric : collected.metric) {
      for (const auto& label : metric.label) family.labels.insert(label.name);
    }
    families.push_back(std::move(family));
  }
  return families;
}

std::vector<double> latency_bounds_seconds() {
  return {0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10};
}

}  // namespace sluice
