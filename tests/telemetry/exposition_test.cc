#include "telemetry/exposition.h"

#include <array>
#include <regex>
#include <sstream>
#include <thread>

#include <catch2/catch_test_macros.hpp>

using namespace felix::telemetry;

namespace {

std::string expose_all(const MetricSet& one, const MetricSet& other) {
  const std::array<const MetricSet*, 2> sets = {&one, &other};
  return expose(sets);
}

}  // namespace

TEST_CASE("series of the same name and labels are added up over the sets") {
  MetricSet one;
  MetricSet other;
  one.counter("felix_publish_requests_total", "Publishes by result.", {{"result", "ok"}}).add(3);
  one.counter("felix_publish_requests_total", "Publishes by result.", {{"result", "error"}}).add();
  other.counter("felix_publish_requests_total", "Publishes by result.", {{"result", "ok"}}).add(4);
  one.gauge("felix_inflight_requests", "Requests not yet answered.").set(-2);
  other.gauge("felix_inflight_requests", "Requests not yet answered.").add(5);
  other.observe("felix_memory_bytes", "Memory by account.", {{"account", "retained"}}, [] { return 1.5; });
  CHECK(expose_all(one, other) ==
        "# HELP felix_publish_requests_total Publishes by result.\n"
        "# TYPE felix_publish_requests_total counter\n"
        "felix_publish_requests_total{result=\"ok\"} 7\n"
        "felix_publish_requests_total{result=\"error\"} 1\n"
        "# HELP felix_inflight_requests Requests not yet answered.\n"
        "# TYPE felix_inflight_requests gauge\n"
        "felix_inflight_requests 3\n"
        "# HELP felix_memory_bytes Memory by account.\n"
        "# TYPE felix_memory_bytes gauge\n"
        "felix_memory_bytes{account=\"retained\"} 1.5\n");
}

TEST_CASE("registering a name and labels again gives the same metric") {
  MetricSet set;
  Counter& counter = set.counter("a_total", "A.", {{"k", "v"}});
  CHECK(&set.counter("a_total", "A.", {{"k", "v"}}) == &counter);
  CHECK(&set.counter("a_total", "A.", {{"k", "w"}}) != &counter);
}

TEST_CASE("a histogram is exposed with cumulative buckets, sum and count") {
  MetricSet one;
  MetricSet other;
  one.histogram("wait", "A wait.", {{10, 100, 1000}, 0.001}, {{"q", "x"}}).record(5);
  other.histogram("wait", "A wait.", {{10, 100, 1000}, 0.001}, {{"q", "x"}}).record(50);
  other.histogram("wait", "A wait.", {{10, 100, 1000}, 0.001}, {{"q", "x"}}).record(5000);
  CHECK(expose_all(one, other) ==
        "# HELP wait A wait.\n"
        "# TYPE wait histogram\n"
        "wait_bucket{q=\"x\",le=\"0.01\"} 1\n"
        "wait_bucket{q=\"x\",le=\"0.1\"} 2\n"
        "wait_bucket{q=\"x\",le=\"1\"} 2\n"
        "wait_bucket{q=\"x\",le=\"+Inf\"} 3\n"
        "wait_sum{q=\"x\"} 5.055\n"
        "wait_count{q=\"x\"} 3\n");
}

TEST_CASE("help and label values are escaped and every line has the format's form") {
  MetricSet set;
  set.counter("odd_total", "Back\\slash and\nnewline \"quoted\".", {{"k", "a\\b\"c\nd"}}).add();
  set.histogram("latency_seconds", "L.", HistogramShape::nanoseconds_as_seconds()).record(30'000);
  set.histogram("sizes", "S.", HistogramShape::counts());
  const MetricSet empty;
  const std::string text = expose_all(set, empty);
  CHECK(text.starts_with("# HELP odd_total Back\\\\slash and\\nnewline \"quoted\".\n"));
  CHECK(text.find("odd_total{k=\"a\\\\b\\\"c\\nd\"} 1\n") != std::string::npos);
  CHECK(text.find("latency_seconds_bucket{le=\"2.5e-05\"} 0\n") != std::string::npos);
  CHECK(text.find("latency_seconds_bucket{le=\"5e-05\"} 1\n") != std::string::npos);
  const std::regex form(
      R"(# (HELP|TYPE) [a-z_][a-z0-9_]* .+|[a-z_][a-z0-9_]*(\{([a-z_]+="([^"\\]|\\.)*",?)+\})? [0-9+.eE-]+)");
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    INFO(line);
    CHECK(std::regex_match(line, form));
  }
}

TEST_CASE("a set can be scraped while its thread counts and registers") {
  MetricSet set;
  Counter& counter = set.counter("n_total", "N.");
  std::thread writer([&] {
    for (int i = 0; i < 20'000; ++i) {
      counter.add();
      if (i % 1000 == 0) set.gauge("g_" + std::to_string(i), "G.").set(i);
    }
  });
  const std::array<const MetricSet*, 1> sets = {&set};
  while (counter.value() < 20'000) REQUIRE_FALSE(expose(sets).empty());
  writer.join();
  CHECK(counter.value() == 20'000);
  CHECK(expose(sets).find("n_total 20000\n") != std::string::npos);
}

TEST_CASE("a snapshot of a metric gives the percentiles of what was recorded") {
  HistogramMetric metric;
  for (std::uint64_t value = 1; value <= 1000; ++value) metric.record(value);
  const Histogram histogram = metric.snapshot();
  CHECK(histogram.count() == 1000);
  CHECK(histogram.sum() == 500'500);
  CHECK(histogram.min() == 1);
  const auto figures = percentiles(histogram);
  CHECK((figures.p50 >= 495 && figures.p50 <= 505));
  CHECK((figures.p99 >= 981 && figures.p99 <= 999));
}
