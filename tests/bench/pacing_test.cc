#include "bench/pacing.h"

#include <random>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

namespace felix::bench {
namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

TEST_CASE("a schedule does not drift: whole seconds hold exactly the rate") {
  for (const std::uint64_t rate : {1ull, 3ull, 7ull, 1000ull, 999'983ull, 3'000'000ull}) {
    const Schedule schedule{.start_ns = 5, .rate = rate};
    for (const std::uint64_t seconds : {0ull, 1ull, 10ull, 86'400ull})
      CHECK(schedule.due_ns(0, seconds * rate) == 5 + seconds * kSecond);
  }
}

TEST_CASE("records of a batch are due together, and publishers take turns") {
  const Schedule schedule{.start_ns = 0, .rate = 1000, .batch = 4, .publishers = 2};
  CHECK(schedule.due_ns(0, 0) == 0);
  CHECK(schedule.due_ns(0, 3) == 0);
  CHECK(schedule.due_ns(1, 0) == 4'000'000);
  CHECK(schedule.due_ns(0, 4) == 8'000'000);
  CHECK(schedule.due_ns(1, 7) == 12'000'000);
}

TEST_CASE("due times never go back, and a second of them holds the rate whatever the batch and publishers") {
  std::minstd_rand random(static_cast<std::uint32_t>(test::seed()));
  for (int round = 0; round < 50; ++round) {
    const Schedule schedule{.start_ns = random(),
                            .rate = 1 + random() % 5'000,
                            .batch = 1 + random() % 8,
                            .publishers = 1 + random() % 5};
    std::uint64_t within = 0;
    for (std::uint64_t publisher = 0; publisher < schedule.publishers; ++publisher) {
      std::uint64_t before = 0;
      for (std::uint64_t sequence = 0;; ++sequence) {
        const std::uint64_t due = schedule.due_ns(publisher, sequence);
        CHECK(due >= before);
        before = due;
        if (due >= schedule.start_ns + kSecond) break;
        ++within;
      }
    }
    CHECK(within >= schedule.rate);
    CHECK(within < schedule.rate + schedule.batch);
  }
}

}  // namespace
}  // namespace felix::bench
