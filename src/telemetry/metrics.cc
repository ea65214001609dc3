#include "telemetry/metrics.h"

#include <algorithm>

#include "base/contract.h"

namespace felix::telemetry {
namespace {

bool is_name(std::string_view name) {
  const auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits) && (name[0] < '0' || name[0] > '9');
}

std::vector<std::uint64_t> latency_bounds_ns() {
  std::vector<std::uint64_t> bounds;
  for (std::uint64_t decade = 10'000; decade <= 1'000'000'000; decade *= 10)
    for (const std::uint64_t step : {10, 25, 50}) bounds.push_back(decade / 10 * step);
  return bounds;
}

std::unique_ptr<Series> new_series(std::string_view name, std::string_view help, Labels labels,
                                   MetricKind kind) {
  auto series = std::make_unique<Series>();
  series->name = name;
  series->help = help;
  series->labels = std::move(labels);
  series->kind = kind;
  return series;
}

}  // namespace

Histogram HistogramMetric::snapshot() const {
  Histogram copy;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    const std::uint64_t count = counts_[i].load(std::memory_order_relaxed);
    if (count == 0) continue;
    copy.counts_[i] = count;
    copy.count_ += count;
    copy.min_ = std::min(copy.min_, HistogramBuckets::lower(i));
    copy.max_ = HistogramBuckets::upper(i);
  }
  copy.sum_ = sum_.load(std::memory_order_relaxed);
  return copy;
}

HistogramShape HistogramShape::nanoseconds_as_seconds() { return {latency_bounds_ns(), 1e-9}; }
HistogramShape HistogramShape::nanoseconds_as_milliseconds() { return {latency_bounds_ns(), 1e-6}; }
HistogramShape HistogramShape::counts() {
  HistogramShape shape;
  for (std::uint64_t bound = 1; bound <= 4096; bound *= 2) shape.bounds.push_back(bound);
  return shape;
}

MetricSet::~MetricSet() {
  for (Series* at = first_.load(); at != nullptr;) {
    const std::unique_ptr<Series> owned(at);
    at = owned->next.load();
  }
}

Counter& MetricSet::counter(std::string_view name, std::string_view help, Labels labels) {
  FELIX_ASSERT(name.ends_with("_total"));
  if (Series* known = find(name, labels, MetricKind::counter)) return *known->counter;
  auto series = new_series(name, help, std::move(labels), MetricKind::counter);
  series->counter = std::make_unique<Counter>();
  return *publish(std::move(series)).counter;
}

Gauge& MetricSet::gauge(std::string_view name, std::string_view help, Labels labels) {
  if (Series* known = find(name, labels, MetricKind::gauge)) {
    FELIX_ASSERT(known->gauge != nullptr);
    return *known->gauge;
  }
  auto series = new_series(name, help, std::move(labels), MetricKind::gauge);
  series->gauge = std::make_unique<Gauge>();
  return *publish(std::move(series)).gauge;
}

HistogramMetric& MetricSet::histogram(std::string_view name, std::string_view help, HistogramShape shape,
                                      Labels labels) {
  if (Series* known = find(name, labels, MetricKind::histogram)) return *known->histogram;
  auto series = new_series(name, help, std::move(labels), MetricKind::histogram);
  series->shape = std::move(shape);
  series->histogram = std::make_unique<HistogramMetric>();
  return *publish(std::move(series)).histogram;
}

void MetricSet::observe(std::string_view name, std::string_view help, Labels labels,
                        std::function<double()> read) {
  FELIX_ASSERT(find(name, labels, MetricKind::gauge) == nullptr);
  auto series = new_series(name, help, std::move(labels), MetricKind::gauge);
  series->observe = std::move(read);
  publish(std::move(series));
}

Series* MetricSet::find(std::string_view name, const Labels& labels, MetricKind kind) {
  FELIX_ASSERT(is_name(name));
  for (const auto& label : labels) FELIX_ASSERT(is_name(label.first) && label.first != "le");
  for (Series* at = first_.load(std::memory_order_relaxed); at != nullptr;
       at = at->next.load(std::memory_order_relaxed)) {
    if (at->name != name) continue;
    FELIX_ASSERT(at->kind == kind);
    if (at->labels == labels) return at;
  }
  return nullptr;
}

Series& MetricSet::publish(std::unique_ptr<Series> series) {
  Series* added = series.release();
  (last_ == nullptr ? first_ : last_->next).store(added, std::memory_order_release);
  last_ = added;
  return *added;
}

}  // namespace felix::telemetry
