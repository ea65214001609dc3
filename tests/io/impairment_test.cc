#include "support/impairment.h"

#include <algorithm>
#include <cmath>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

using namespace felix;
using test::Impairment;
using test::RelayCounts;
using test::RelayFaults;

namespace {

constexpr MonoTime kBegin{std::chrono::seconds(1)};
constexpr std::size_t kOffers = 20'000;

// One datagram a microsecond through one direction; what became of each.
struct Run {
  explicit Run(const RelayFaults& given, std::size_t bytes = 1000, std::size_t offers = kOffers)
      : faults(given) {
    CAPTURE(test::seed());
    Impairment impairment(test::seed());
    std::vector<std::byte> datagram(bytes);
    for (std::size_t i = 0; i < offers; ++i) {
      const auto arrivals = impairment.offer(offered_at(i), faults, datagram, counts);
      fates.push_back(arrivals);
      flipped_bits += std::ranges::count_if(datagram, [](std::byte b) { return b != std::byte{0}; });
      std::ranges::fill(datagram, std::byte{0});
    }
  }
  static MonoTime offered_at(std::size_t i) { return kBegin + std::chrono::microseconds(i); }
  std::size_t lost() const {
    return static_cast<std::size_t>(std::ranges::count_if(fates, [](const auto& f) { return f.empty(); }));
  }
  bool in_order() const {
    MonoTime last{};
    for (const auto& fate : fates) {
      for (const auto& arrival : fate) {
        if (arrival.at < last) return false;
        last = arrival.at;
      }
    }
    return true;
  }

  RelayFaults faults;
  RelayCounts counts;
  std::vector<std::vector<Impairment::Arrival>> fates;
  std::ptrdiff_t flipped_bits = 0;
};

// Within five standard deviations of what chance gives.
bool is_about(std::size_t count, double probability) {
  const double mean = kOffers * probability;
  return std::abs(static_cast<double>(count) - mean) < 5 * std::sqrt(mean * (1 - probability));
}

}  // namespace

TEST_CASE("A network without faults delivers every datagram at once") {
  const Run run({});
  CHECK(run.lost() == 0);
  CHECK(run.in_order());
  for (std::size_t i = 0; i < kOffers; ++i) REQUIRE(run.fates[i].front().at == Run::offered_at(i));
}

TEST_CASE("Loss, duplication, corruption and reordering happen as often as asked") {
  RelayFaults faults;
  faults.drop = 0.05;
  faults.duplicate = 0.02;
  faults.corrupt = 0.01;
  faults.reorder = 0.03;
  const Run run(faults);
  CHECK(is_about(run.lost(), 0.05));
  CHECK(run.counts.dropped == run.lost());
  CHECK(is_about(run.counts.duplicated, 0.95 * 0.02));
  CHECK(is_about(run.counts.corrupted, 0.95 * 0.01));
  CHECK(run.flipped_bits == static_cast<std::ptrdiff_t>(run.counts.corrupted));
  CHECK(is_about(run.counts.reordered, 0.95 * 0.03));
}

TEST_CASE("Losses in bursts are as long as asked, on average") {
  RelayFaults faults;
  faults.burst_begin = 0.01;
  faults.burst_end = 0.1;
  const Run run(faults);
  std::size_t bursts = 0;
  for (std::size_t i = 1; i < kOffers; ++i)
    bursts += run.fates[i].empty() && !run.fates[i - 1].empty() ? 1 : 0;
  REQUIRE(bursts > 50);
  const double mean_length = static_cast<double>(run.lost()) / static_cast<double>(bursts);
  CHECK(mean_length > 7);
  CHECK(mean_length < 14);
  CHECK(run.counts.in_bursts == run.lost());
}

TEST_CASE("A burst on demand takes the next datagrams, and no other") {
  RelayFaults faults;
  faults.drop_next = 700;
  const Run run(faults);
  CHECK(run.lost() == 700);
  CHECK(std::ranges::all_of(run.fates.begin(), run.fates.begin() + 700,
                            [](const auto& f) { return f.empty(); }));
  CHECK(run.faults.drop_next == 0);
}

TEST_CASE("A path swallows what is larger than it carries, and nothing else") {
  RelayFaults faults;
  faults.largest_datagram = 1000;
  CHECK(Run(faults, 1000).lost() == 0);
  const Run run(faults, 1001);
  CHECK(run.lost() == kOffers);
  CHECK(run.counts.too_large == kOffers);
}

TEST_CASE("Delay is kept exactly, and jitter stays in its bounds and in order") {
  RelayFaults faults;
  faults.delay = std::chrono::milliseconds(10);
  for (const auto jitter : {Duration::zero(), Duration(std::chrono::microseconds(50))}) {
    faults.jitter = jitter;
    const Run run(faults);
    CHECK(run.in_order());
    for (std::size_t i = 0; i < kOffers; ++i) {
      const Duration took = run.fates[i].front().at - Run::offered_at(i);
      REQUIRE(took >= faults.delay);
      REQUIRE(took <= faults.delay + faults.jitter);
    }
  }
}

TEST_CASE("What is reordered comes later than what was offered after it") {
  RelayFaults faults;
  faults.reorder = 0.01;
  faults.reorder_by = std::chrono::milliseconds(1);
  const Run run(faults);
  CHECK_FALSE(run.in_order());
  CHECK(run.lost() == 0);
}

TEST_CASE("A link carries as many bytes as its rate, and loses what its queue cannot hold") {
  RelayFaults faults;
  faults.bytes_per_second = 10'000'000;  // 100 microseconds a datagram, offered every microsecond
  faults.queue_bytes = 100'000;          // 100 datagrams
  const Run run(faults);
  CHECK(run.in_order());
  CHECK(run.counts.queue_full == run.lost());
  const std::size_t carried = kOffers - run.lost();
  const std::size_t expected = 100 + kOffers / 100;
  CHECK(carried + 2 > expected);
  CHECK(carried < expected + 2);
  for (std::size_t i = 0; i < kOffers; ++i) {
    for (const auto& arrival : run.fates[i])
      REQUIRE(arrival.at - Run::offered_at(i) <= std::chrono::microseconds(10'001));
  }
}

TEST_CASE("A black hole swallows all, and the same seed repeats every fate") {
  RelayFaults faults;
  faults.drop = 0.3;
  const Run first(faults);
  faults.duplicate = 0;
  CHECK(Run(faults).lost() == first.lost());
  faults.blackhole = true;
  CHECK(Run(faults).lost() == kOffers);
}
