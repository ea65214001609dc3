#include "io/mailbox.h"

#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "support/manual_clock.h"

using namespace felix;

TEST_CASE("A full mailbox refuses and leaves the message with its sender") {
  test::ManualClock clock;
  auto loop = io::Loop::create(clock).value();
  io::Mailbox<std::unique_ptr<int>> mailbox(*loop, 3);  // rounded up to 4
  for (int i = 0; i < 4; ++i) CHECK(mailbox.try_post(std::make_unique<int>(i)));
  auto fifth = std::make_unique<int>(4);
  CHECK_FALSE(mailbox.try_post(std::move(fifth)));
  REQUIRE(fifth != nullptr);

  std::vector<int> got;
  const auto visit = [&](std::unique_ptr<int> value) { got.push_back(*value); };
  CHECK(mailbox.drain(3, visit) == 3);
  CHECK_FALSE(mailbox.empty());
  CHECK(mailbox.try_post(std::move(fifth)));
  CHECK(mailbox.drain(9, visit) == 2);
  CHECK(mailbox.empty());
  CHECK(got == std::vector{0, 1, 2, 3, 4});
}

// A lost wake-up hangs this test: the consumer sleeps without a deadline, and the producer posts nothing more
// before it was answered.
TEST_CASE("Two loops that answer each other message by message never miss a wake-up") {
  io::SystemClock clock;
  auto here = io::Loop::create(clock).value();
  auto there = io::Loop::create(clock).value();
  io::Mailbox<std::uint64_t> to_here(*here, 4);
  io::Mailbox<std::uint64_t> to_there(*there, 4);
  constexpr std::uint64_t kRounds = 20'000;

  std::uint64_t answered = 0;
  there->at_end_of_turn([&] {
    to_there.drain(1, [&](std::uint64_t value) {
      answered = value;
      FELIX_ASSERT(to_here.try_post(std::uint64_t{value}));
      if (value == kRounds) there->stop();
    });
    return !to_there.empty();
  });
  std::uint64_t last = 0;
  here->at_end_of_turn([&] {
    to_here.drain(1, [&](std::uint64_t value) {
      FELIX_ASSERT(value == last + 1);
      last = value;
      if (value == kRounds) {
        here->stop();
      } else {
        FELIX_ASSERT(to_there.try_post(value + 1));
      }
    });
    return !to_here.empty();
  });
  std::thread other([&] { there->run(); });
  REQUIRE(to_there.try_post(1));
  here->run();
  other.join();
  CHECK(last == kRounds);
  CHECK(answered == kRounds);
}

TEST_CASE("A flood between threads arrives complete and in order, however often the consumer sleeps") {
  io::SystemClock clock;
  auto loop = io::Loop::create(clock).value();
  io::Mailbox<std::uint64_t> mailbox(*loop, 64);
  constexpr std::uint64_t kMessages = 300'000;
  std::uint64_t expected = 0;
  loop->at_end_of_turn([&] {
    mailbox.drain(32, [&](std::uint64_t value) {
      FELIX_ASSERT(value == expected);
      ++expected;
    });
    if (expected == kMessages) loop->stop();
    return !mailbox.empty();
  });
  std::thread producer([&] {
    for (std::uint64_t i = 0; i < kMessages; ++i) {
      while (!mailbox.try_post(std::uint64_t{i})) std::this_thread::yield();
    }
  });
  loop->run();
  producer.join();
  CHECK(expected == kMessages);
}
