#pragma once
// A log-linear histogram of unsigned values (nanoseconds, bytes, counts): 128 buckets an octave, so that any
// percentile is within 1 % of the true value; values below 128 are exact. 38 KB.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace felix::telemetry {

// The bucket arithmetic, shared with HistogramMetric.
struct HistogramBuckets {
  static constexpr std::size_t kSubBits = 7;
  static constexpr std::size_t kSub = std::size_t{1} << kSubBits;
  // Larger values count as this one: 4.9 hours in nanoseconds, 17 TB in bytes.
  static constexpr std::uint64_t kMaxValue = (std::uint64_t{1} << 44) - 1;
  static constexpr std::size_t kCount = kSub * (44 - kSubBits + 1);

  static constexpr std::size_t index_of(std::uint64_t value) {
    value = std::min(value, kMaxValue);
    if (value < kSub) return value;
    const std::size_t shift = std::bit_width(value) - 1 - kSubBits;
    return kSub * shift + static_cast<std::size_t>(value >> shift);
  }
  // Smallest and largest value of a bucket.
  static constexpr std::uint64_t lower(std::size_t index) {
    if (index < 2 * kSub) return index;
    const std::size_t shift = index / kSub - 1;
    return static_cast<std::uint64_t>(index - kSub * shift) << shift;
  }
  static constexpr std::uint64_t upper(std::size_t index) {
    return index + 1 < kCount ? lower(index + 1) - 1 : kMaxValue;
  }
};

class Histogram {
 public:
  Histogram() : counts_(HistogramBuckets::kCount) {}

  void record(std::uint64_t value) { record(value, 1); }
  void record(std::uint64_t value, std::uint64_t times);
  void merge(const Histogram& other);
  void clear();

  std::uint64_t count() const { return count_; }
  // Exact, unlike percentiles. 0 when empty. The sum wraps after 2^64.
  std::uint64_t sum() const { return sum_; }
  std::uint64_t min() const { return count_ == 0 ? 0 : min_; }
  std::uint64_t max() const { return max_; }
  double mean() const;
  // The value below or at which a share `quantile` (0..1) of all values lies: percentile(0.99). 0 when empty.
  std::uint64_t percentile(double quantile) const;
  // How many values were <= `value` (those of the bucket `value` lies in count when all of it is).
  std::uint64_t count_up_to(std::uint64_t value) const;

 private:
  friend class HistogramMetric;

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
};

// The figures people ask for.
struct Percentiles {
  std::uint64_t p50 = 0;
  std::uint64_t p99 = 0;
  std::uint64_t p999 = 0;
};
Percentiles percentiles(const Histogram& histogram);

}  // namespace felix::telemetry
