#include "telemetry/histogram.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

using namespace felix;
using namespace felix::telemetry;

TEST_CASE("buckets cover every value once, in order, within one percent") {
  for (std::size_t i = 0; i < HistogramBuckets::kCount; ++i) {
    const std::uint64_t lower = HistogramBuckets::lower(i);
    const std::uint64_t upper = HistogramBuckets::upper(i);
    REQUIRE(lower <= upper);
    REQUIRE(HistogramBuckets::index_of(lower) == i);
    REQUIRE(HistogramBuckets::index_of(upper) == i);
    if (i + 1 < HistogramBuckets::kCount) REQUIRE(HistogramBuckets::lower(i + 1) == upper + 1);
    REQUIRE(static_cast<double>(upper - lower) <= 0.01 * static_cast<double>(lower) + 0.5);
  }
  CHECK(HistogramBuckets::upper(HistogramBuckets::kCount - 1) == HistogramBuckets::kMaxValue);
  CHECK(HistogramBuckets::index_of(UINT64_MAX) == HistogramBuckets::kCount - 1);
}

TEST_CASE("an empty histogram answers zeros") {
  const Histogram histogram;
  CHECK(histogram.count() == 0);
  CHECK(histogram.min() == 0);
  CHECK(histogram.max() == 0);
  CHECK(histogram.mean() == 0.0);
  CHECK(histogram.percentile(0.5) == 0);
}

TEST_CASE("percentiles are within one percent of those of the sorted values") {
  CAPTURE(test::seed());
  std::mt19937_64 random(test::seed());
  std::lognormal_distribution<double> shape(11.0, 2.0);
  std::vector<std::uint64_t> values;
  Histogram one;
  Histogram other;
  for (int i = 0; i < 50'000; ++i) {
    values.push_back(static_cast<std::uint64_t>(shape(random)));
    (i % 2 == 0 ? one : other).record(values.back());
  }
  one.merge(other);
  std::sort(values.begin(), values.end());
  CHECK(one.count() == values.size());
  CHECK(one.min() == values.front());
  CHECK(one.max() == values.back());
  for (const double quantile : {0.0, 0.01, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank = static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(values.size())));
    const auto exact = static_cast<double>(values[std::max<std::size_t>(rank, 1) - 1]);
    CAPTURE(quantile, exact);
    CHECK(std::abs(static_cast<double>(one.percentile(quantile)) - exact) <= 0.01 * exact + 0.5);
  }
  const auto figures = percentiles(one);
  CHECK(figures.p50 == one.percentile(0.5));
  CHECK(figures.p99 == one.percentile(0.99));
  CHECK(figures.p999 == one.percentile(0.999));
}

TEST_CASE("values beyond the range count as the largest bucket and keep their maximum") {
  Histogram histogram;
  histogram.record(UINT64_MAX / 2);
  CHECK(histogram.count() == 1);
  CHECK(histogram.max() == UINT64_MAX / 2);
  CHECK(histogram.percentile(0.5) >= HistogramBuckets::kMaxValue);
}
