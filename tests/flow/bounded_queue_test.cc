#include "flow/bounded_queue.h"

#include <cstdint>
#include <deque>
#include <memory>
#include <random>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

using namespace felix;
using flow::BoundedQueue;

TEST_CASE("A queue has two bounds, and either refuses") {
  BoundedQueue<int> queue({.items = 2, .bytes = 10});
  CHECK(queue.try_push(1, 4));
  CHECK_FALSE(queue.try_push(2, 7));
  CHECK(queue.try_push(2, 6));
  CHECK_FALSE(queue.try_push(3, 0));
  CHECK(queue.bytes() == 10);
  CHECK(queue.pop_front() == 1);
  CHECK(queue.front_bytes() == 6);
}

TEST_CASE("An item above the byte bound goes alone rather than never") {
  BoundedQueue<int> queue({.items = 5, .bytes = 10});
  CHECK(queue.try_push(1, 1000));
  CHECK_FALSE(queue.try_push(2, 0));
  CHECK(queue.pop_front() == 1);
  CHECK(queue.try_push(2, 1));
  CHECK_FALSE(queue.try_push(3, 1000));
}

TEST_CASE("A queue for no items takes none") {
  BoundedQueue<int> queue({.items = 0, .bytes = 10});
  CHECK_FALSE(queue.try_push(1, 0));
}

TEST_CASE("A refused item stays with its owner") {
  BoundedQueue<std::unique_ptr<int>> queue({.items = 1, .bytes = 10});
  CHECK(queue.try_push(std::make_unique<int>(1), 1));
  auto second = std::make_unique<int>(2);
  CHECK_FALSE(queue.try_push(std::move(second), 1));
  CHECK(second != nullptr);  // NOLINT(bugprone-use-after-move): a refusal is promised not to move
}

TEST_CASE("Any sequence of pushes and pops leaves what a plain queue with the same rule holds") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  for (int round = 0; round < 50; ++round) {
    const flow::QueueBounds bounds{.items = 1 + random() % 20, .bytes = random() % 200};
    BoundedQueue<int> queue(bounds);
    std::deque<std::pair<int, std::size_t>> model;
    std::size_t bytes = 0;
    for (int step = 0; step < 500; ++step) {
      if (random() % 5 < 3) {
        const std::size_t size = random() % 60;
        const bool fits = model.size() < bounds.items && (model.empty() || bytes + size <= bounds.bytes);
        REQUIRE(queue.has_room_for(size) == fits);
        REQUIRE(queue.try_push(int{step}, size) == fits);
        if (fits) {
          model.emplace_back(step, size);
          bytes += size;
        }
      } else if (!model.empty()) {
        REQUIRE(queue.front() == model.front().first);
        REQUIRE(queue.front_bytes() == model.front().second);
        bytes -= model.front().second;
        REQUIRE(queue.pop_front() == model.front().first);
        model.pop_front();
      }
      REQUIRE(queue.size() == model.size());
      REQUIRE(queue.empty() == model.empty());
      REQUIRE(queue.bytes() == bytes);
    }
  }
}
