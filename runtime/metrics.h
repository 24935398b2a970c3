// Adapter (prometheus-cpp): the metrics of a process. Make them at start and keep the references: a look-up costs 0.3 µs.
#pragma once

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include <map>
#include <set>
#include <string>
#include <vector>

namespace sluice {

using Counter = prometheus::Counter;
using Gauge = prometheus::Gauge;
using Histogram = prometheus::Histogram;
using Labels = std::map<std::string, std::string>;

// Metrics of one name.
struct MetricFamily {
  std::string name;
  std::string type;  // counter, gauge or histogram
  std::string help;
  std::set<std::string> labels;  // their keys
};

// Outlives everybody who counts. Any thread may use it and what it returns. The same name and labels give the same metric.
class Metrics {
 public:
  // `name`: sluice_<daemon>_<noun>_<unit>; of a counter it ends in _total.
  Counter& counter(const std::string& name, const std::string& help, const Labels& labels = {});
  Gauge& gauge(const std::string& name, const std::string& help, const Labels& labels = {});
  // `upper_bounds`: ascending, in the unit that the name ends with.
  Histogram& histogram(const std::string& name, const std::string& help, const std::vector<double>& upper_bounds,
                       const Labels& labels = {});

  // All of them in Prometheus' text format.
  std::string text() const;

  // What there is, in no order.
  std::vector<MetricFamily> families() const;

 private:
  prometheus::Registry registry_;
};

// Bounds for latencies in seconds: 0.5 ms to 10 s.
std::vector<double> latency_bounds_seconds();

}  // namespace sluice
