#include "bench/knee.h"

#include <cmath>

#include <catch2/catch_test_macros.hpp>

namespace felix::bench {
namespace {

// A broker that keeps up to `capacity`, with a latency that rises as it comes near.
SweepPoint load(double rate, double capacity) {
  SweepPoint point;
  point.offered_per_s = rate;
  point.delivered_per_s = std::min(rate, capacity);
  point.kept_up = rate <= capacity;
  const double use = std::min(rate / capacity, 0.999);
  point.p99_ns = static_cast<std::uint64_t>(100'000 / (1 - use));
  return point;
}

TEST_CASE("the knee is found between the last load before it and the first beyond") {
  for (const double capacity : {3'000.0, 50'000.0, 77'777.0}) {
    KneeSearch search(1'000, 1e9, 5);
    int measured = 0;
    while (const auto rate = search.next()) {
      search.add(load(*rate, capacity));
      REQUIRE(++measured < 40);
    }
    CHECK(search.passed());
    // p99 is five times its least at 80 % of the capacity.
    CHECK(search.knee_per_s() <= capacity * 0.9);
    CHECK(search.knee_per_s() >= capacity * 0.6);
  }
}

TEST_CASE("one disturbed measurement is no knee: the rate is measured again") {
  KneeSearch search(1'000, 16'000, 5);
  bool disturbed = false;
  int measured = 0;
  while (const auto rate = search.next()) {
    SweepPoint point = load(*rate, 1e9);
    if (*rate == 4'000 && !disturbed) {
      disturbed = true;
      point.p99_ns *= 100;
    }
    search.add(point);
    ++measured;
  }
  CHECK(measured == 6);
  CHECK_FALSE(search.passed());
  CHECK(search.knee_per_s() == 16'000);
}

TEST_CASE("a sweep that never meets the knee says so and ends at the last rate") {
  KneeSearch search(1'000, 8'000, 4);
  int measured = 0;
  while (const auto rate = search.next()) {
    search.add(load(*rate, 1e9));
    ++measured;
  }
  CHECK(measured == 4);
  CHECK_FALSE(search.passed());
  CHECK(search.knee_per_s() == 8'000);
}

TEST_CASE("a first load that is too much ends the sweep without a knee") {
  KneeSearch search(1'000, 1e6, 4);
  search.add(load(*search.next(), 10));
  REQUIRE(search.next() == 1'000);
  search.add(load(*search.next(), 10));
  CHECK_FALSE(search.next());
  CHECK(search.knee_per_s() == 0);
  CHECK(search.passed());
}

}  // namespace
}  // namespace felix::bench
