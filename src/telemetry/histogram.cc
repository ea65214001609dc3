#include "telemetry/histogram.h"

#include <cmath>

namespace felix::telemetry {

void Histogram::record(std::uint64_t value, std::uint64_t times) {
  if (times == 0) return;
  counts_[HistogramBuckets::index_of(value)] += times;
  count_ += times;
  sum_ += value * times;
  min_ = std::min(min_, value);
  max_ = std::max(max_, value);
}

void Histogram::merge(const Histogram& other) {
  for (std::size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

void Histogram::clear() { *this = Histogram(); }

double Histogram::mean() const {
  return count_ == 0 ? 0.0 : static_cast<double>(sum_) / static_cast<double>(count_);
}

std::uint64_t Histogram::percentile(double quantile) const {
  if (count_ == 0) return 0;
  const double wanted = std::ceil(std::clamp(quantile, 0.0, 1.0) * static_cast<double>(count_));
  const std::uint64_t rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size(); ++i) {
    seen += counts_[i];
    if (seen < rank) continue;
    const std::uint64_t lower = HistogramBuckets::lower(i);
    return std::clamp(lower + (HistogramBuckets::upper(i) - lower) / 2, min_, max_);
  }
  return max_;
}

std::uint64_t Histogram::count_up_to(std::uint64_t value) const {
  if (value >= max_) return count_;
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < counts_.size() && HistogramBuckets::upper(i) <= value; ++i) seen += counts_[i];
  return seen;
}

Percentiles percentiles(const Histogram& histogram) {
  return {histogram.percentile(0.5), histogram.percentile(0.99), histogram.percentile(0.999)};
}

}  // namespace felix::telemetry
