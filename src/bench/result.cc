#include "bench/result.h"

namespace felix::bench {
namespace {

using Buckets = telemetry::HistogramBuckets;

constexpr std::size_t kCurveSubBits = 4;  // 16 points an octave

}  // namespace

LatencySummary summarize(const telemetry::Histogram& histogram) {
  LatencySummary summary;
  summary.count = histogram.count();
  if (summary.count == 0) return summary;
  summary.min_ns = histogram.min();
  summary.p50_ns = histogram.percentile(0.5);
  summary.p90_ns = histogram.percentile(0.9);
  summary.p99_ns = histogram.percentile(0.99);
  summary.p999_ns = histogram.percentile(0.999);
  summary.p9999_ns = histogram.percentile(0.9999);
  summary.max_ns = histogram.max();
  summary.mean_ns = histogram.mean();
  constexpr std::size_t kStride = std::size_t{1} << (Buckets::kSubBits - kCurveSubBits);
  std::uint64_t seen = 0;
  for (std::size_t i = kStride - 1; i < Buckets::kCount && seen < summary.count; i += kStride) {
    const std::uint64_t upper_ns = Buckets::upper(i);
    const std::uint64_t up_to = histogram.count_up_to(upper_ns);
    if (up_to > seen) summary.curve.push_back({upper_ns, up_to - seen});
    seen = up_to;
  }
  return summary;
}

}  // namespace felix::bench
