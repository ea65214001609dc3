#pragma once
// Counters, gauges and histograms, and the sets they are registered in. One MetricSet a reactor (and one for
// the process): each metric has a single writer, so an event costs one relaxed load and store and no
// contention; a scrape adds the sets up (telemetry/exposition.h).

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "telemetry/histogram.h"

namespace felix::telemetry {

// Written by the thread that owns the set, read by any.
class Counter {
 public:
  void add(std::uint64_t amount = 1) {
    value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t amount) { set(value() + amount); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

class HistogramMetric {
 public:
  HistogramMetric() : counts_(HistogramBuckets::kCount) {}

  void record(std::uint64_t value) {
    bump(counts_[HistogramBuckets::index_of(value)], 1);
    bump(sum_, value);
  }
  // A copy for percentiles and for merging. Taken while the writer runs, it may lack its newest values; min
  // and max are those of their buckets.
  Histogram snapshot() const;

 private:
  static void bump(std::atomic<std::uint64_t>& cell, std::uint64_t amount) {
    cell.store(cell.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
  std::vector<std::atomic<std::uint64_t>> counts_;
  std::atomic<std::uint64_t> sum_{0};
};

// How a histogram is exposed: upper bounds in recorded units, and what one recorded unit is in exposed units
// (nanoseconds shown as seconds: 1e-9).
struct HistogramShape {
  std::vector<std::uint64_t> bounds;
  double scale = 1.0;

  static HistogramShape nanoseconds_as_seconds();
  static HistogramShape nanoseconds_as_milliseconds();
  static HistogramShape counts();  // 1, 2, 4 … 4096
};

using Labels = std::vector<std::pair<std::string, std::string>>;

enum class MetricKind : std::uint8_t { counter, gauge, histogram };

// One series: a name and fixed label values. Labels are for a handful of words known in advance (result,
// reason), never for what peers choose.
struct Series {
  std::string name;
  std::string help;
  Labels labels;
  MetricKind kind = MetricKind::counter;
  HistogramShape shape;
  // Exactly one of these, by kind; a gauge may be a function instead.
  std::unique_ptr<Counter> counter;
  std::unique_ptr<Gauge> gauge;
  std::unique_ptr<HistogramMetric> histogram;
  std::function<double()> observe;

  std::atomic<Series*> next{nullptr};
};

// Threads: registration on the owning thread, at any time; reading (for_each) on any. A metric lives as long
// as its set. Registering a name and labels again gives the same metric.
class MetricSet {
 public:
  MetricSet() = default;
  ~MetricSet();
  MetricSet(const MetricSet&) = delete;
  MetricSet& operator=(const MetricSet&) = delete;

  // Names follow Prometheus: [a-z_][a-z0-9_]*, counters end in _total. `help` is one sentence.
  Counter& counter(std::string_view name, std::string_view help, Labels labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, Labels labels = {});
  HistogramMetric& histogram(std::string_view name, std::string_view help, HistogramShape shape,
                             Labels labels = {});
  // A gauge read when it is scraped, on the scraping thread: `read` must be safe there.
  void observe(std::string_view name, std::string_view help, Labels labels, std::function<double()> read);

  template <class Visit>
  void for_each(Visit&& visit) const {
    for (const Series* at = first_.load(std::memory_order_acquire); at != nullptr;
         at = at->next.load(std::memory_order_acquire))
      visit(*at);
  }

 private:
  Series* find(std::string_view name, const Labels& labels, MetricKind kind);
  Series& publish(std::unique_ptr<Series> series);

  std::atomic<Series*> first_{nullptr};
  Series* last_ = nullptr;
};

}  // namespace felix::telemetry
