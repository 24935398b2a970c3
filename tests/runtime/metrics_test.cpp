#include "runtime/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace sluice {
namespace {

using testing::HasSubstr;

TEST(MetricsTest, WritesEachKindAsPrometheusReadsIt) {
  Metrics metrics;
  metrics.counter("sluice_x_requests_total", "Requests").Increment(2);
  metrics.gauge("sluice_x_lane_running", "1: runs", {{"partition", "3"}}).Set(1);
  metrics.histogram("sluice_x_latency_seconds", "How long", {0.1, 1}).Observe(0.5);
  const std::string text = metrics.text();
  EXPECT_THAT(text, HasSubstr("# HELP sluice_x_requests_total Requests\n# TYPE sluice_x_requests_total counter\n"));
  EXPECT_THAT(text, HasSubstr("sluice_x_requests_total 2\n"));
  EXPECT_THAT(text, HasSubstr("sluice_x_lane_running{partition=\"3\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("sluice_x_latency_seconds_bucket{le=\"0.1\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("sluice_x_latency_seconds_bucket{le=\"1\"} 1\n"));
}

TEST(MetricsTest, GivesTheSameMetricForTheSameNameAndLabels) {
  Metrics metrics;
  Counter& first = metrics.counter("sluice_x_total", "X", {{"kind", "a"}});
  EXPECT_EQ(&metrics.counter("sluice_x_total", "X", {{"kind", "a"}}), &first);
  EXPECT_NE(&metrics.counter("sluice_x_total", "X", {{"kind", "b"}}), &first);
}

TEST(MetricsTest, KeepsLatencyBoundsAscending) {
  const std::vector<double> bounds = latency_bounds_seconds();
  EXPECT_TRUE(std::is_sorted(bounds.begin(), bounds.end()));
}

}  // namespace
}  // namespace sluice
