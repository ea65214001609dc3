#include "flow/budget.h"

#include <cstdint>
#include <random>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

using namespace felix;
using flow::Budget;
using flow::Charge;

TEST_CASE("A budget refuses what would pass its limit, and takes it once there is room") {
  Budget budget(100);
  auto first = budget.try_charge(60);
  REQUIRE(first);
  CHECK(budget.used_bytes() == 60);
  CHECK_FALSE(budget.try_charge(41));
  CHECK(budget.try_charge(40));
  first.reset();
  CHECK(budget.used_bytes() == 0);
  CHECK(budget.try_charge(100));
  CHECK_FALSE(budget.try_charge(101));
  CHECK_FALSE(budget.try_charge(SIZE_MAX));
}

TEST_CASE("Bytes that exist already are counted past the limit, and then nothing more is taken") {
  Budget budget(10);
  const Charge charge = budget.charge(25);
  CHECK(budget.used_bytes() == 25);
  CHECK_FALSE(budget.try_charge(0).has_value());
  CHECK_FALSE(budget.try_charge(1).has_value());
}

TEST_CASE("A charge is given back exactly once, wherever it was moved") {
  Budget one(100);
  Budget other(100);
  Charge charge = one.charge(30);
  Charge moved = std::move(charge);
  CHECK(charge.bytes() == 0);  // NOLINT(bugprone-use-after-move): the state is promised
  CHECK(moved.bytes() == 30);
  moved = other.charge(7);  // gives the former bytes back
  CHECK(one.used_bytes() == 0);
  CHECK(other.used_bytes() == 7);
  Charge& alias = moved;
  moved = std::move(alias);
  CHECK(other.used_bytes() == 7);
  moved.give_back();
  moved.give_back();
  CHECK(other.used_bytes() == 0);
}

TEST_CASE("After any sequence of charges the budget has counted those that live") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Budget budget(10'000);
  std::vector<Charge> charges;
  std::size_t used = 0;
  for (int step = 0; step < 20'000; ++step) {
    if (random() % 2 == 0 || charges.empty()) {
      const std::size_t bytes = random() % 1000;
      auto charge = budget.try_charge(bytes);
      REQUIRE(charge.has_value() == (used + bytes <= 10'000));
      if (!charge) continue;
      used += bytes;
      charges.push_back(std::move(*charge));
    } else {
      const std::size_t at = random() % charges.size();
      used -= charges[at].bytes();
      std::swap(charges[at], charges.back());
      charges.pop_back();
    }
    REQUIRE(budget.used_bytes() == used);
  }
}

TEST_CASE("Charges may come home from other threads") {
  Budget budget(1 << 20);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    std::vector<Charge> charges;
    for (int i = 0; i < 1000; ++i) charges.push_back(budget.charge(8));
    threads.emplace_back([held = std::move(charges)]() mutable { held.clear(); });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(budget.used_bytes() == 0);
}

TEST_CASE("A receipt can grow within a limit and shrink") {
  flow::Budget budget(100);
  flow::Charge charge;
  CHECK(budget.try_resize(charge, 60, budget.limit_bytes()));
  CHECK(charge.bytes() == 60);
  CHECK(budget.used_bytes() == 60);
  const flow::Charge other = budget.charge(30);
  CHECK_FALSE(budget.try_resize(charge, 71, budget.limit_bytes()));
  CHECK(charge.bytes() == 60);
  CHECK(budget.try_resize(charge, 70, budget.limit_bytes()));
  budget.resize(charge, 10);
  CHECK(budget.used_bytes() == 40);
  // Shrinking is never refused, however little the limit.
  CHECK(budget.try_resize(charge, 5, 0));
  charge.give_back();
  CHECK(budget.used_bytes() == 30);
}
