#include <algorithm>
#include <memory>
#include <random>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "io/loop.h"
#include "support/manual_clock.h"
#include "support/seed.h"

using namespace felix;
using namespace std::chrono_literals;
using felix::test::ManualClock;

namespace {

struct Fixture {
  ManualClock clock;
  std::unique_ptr<io::Loop> loop = io::Loop::create(clock).value();
  // A turn that does not sleep.
  void turn() { loop->turn(clock.now()); }
};

}  // namespace

TEST_CASE("A timer fires once its deadline has come, and never before") {
  Fixture f;
  int fired = 0;
  io::Timer timer(*f.loop, [&] { ++fired; });
  timer.arm(f.clock.now() + 10ns);
  f.clock.advance(9ns);
  f.turn();
  CHECK(fired == 0);
  f.clock.advance(1ns);
  f.turn();
  CHECK(fired == 1);
  CHECK(timer.deadline() == kNever);
  f.clock.advance(1s);
  f.turn();
  CHECK(fired == 1);
}

TEST_CASE("A timer armed into the past by a timer fires in the next turn, not in this one") {
  Fixture f;
  int fired = 0;
  std::unique_ptr<io::Timer> timer;
  timer = std::make_unique<io::Timer>(*f.loop, [&] {
    ++fired;
    timer->arm(f.clock.now() - 1s);
  });
  timer->arm(f.clock.now());
  f.turn();
  CHECK(fired == 1);
  f.turn();
  CHECK(fired == 2);
}

TEST_CASE("A timer may destroy itself and disarm, move or destroy others that are due in the same turn") {
  Fixture f;
  std::vector<int> fired;
  std::unique_ptr<io::Timer> destroyed, disarmed, moved, itself;
  io::Timer first(*f.loop, [&] {
    fired.push_back(1);
    destroyed.reset();
    disarmed->disarm();
    moved->arm(f.clock.now() + 1s);
  });
  auto held = std::make_shared<int>(7);
  itself = std::make_unique<io::Timer>(*f.loop, [&fired, &itself, held] {
    itself.reset();
    fired.push_back(*held);  // the captures outlive the timer for the rest of this call
  });
  destroyed = std::make_unique<io::Timer>(*f.loop, [&] { fired.push_back(2); });
  disarmed = std::make_unique<io::Timer>(*f.loop, [&] { fired.push_back(3); });
  moved = std::make_unique<io::Timer>(*f.loop, [&] { fired.push_back(4); });
  const MonoTime due = f.clock.now();
  first.arm(due);
  for (auto* timer : {&destroyed, &disarmed, &moved, &itself}) (*timer)->arm(due);
  f.turn();
  CHECK(fired == std::vector{1, 7});
  CHECK(held.use_count() == 1);
  f.clock.advance(1s);
  f.turn();
  CHECK(fired == std::vector{1, 7, 4});
}

TEST_CASE("Any sequence of arming, disarming and waiting fires what a sorted list would, in its order") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Fixture f;
  constexpr std::size_t kTimers = 60;
  struct Model {
    MonoTime deadline = kNever;
    std::uint64_t armed_at = 0;
  };
  std::vector<Model> model(kTimers);
  std::vector<std::size_t> fired;
  std::vector<std::unique_ptr<io::Timer>> timers;
  for (std::size_t i = 0; i < kTimers; ++i)
    timers.push_back(std::make_unique<io::Timer>(*f.loop, [&fired, i] { fired.push_back(i); }));

  std::uint64_t armings = 0;
  for (int step = 0; step < 20'000; ++step) {
    const std::size_t i = random() % kTimers;
    switch (random() % 8) {
      case 0: {
        timers[i]->disarm();
        model[i].deadline = kNever;
        break;
      }
      case 1: {
        f.clock.advance(Duration(random() % 40));
        std::vector<std::size_t> expected;
        for (std::size_t k = 0; k < kTimers; ++k) {
          if (model[k].deadline <= f.clock.now()) expected.push_back(k);
        }
        std::ranges::sort(expected, {},
                          [&](std::size_t k) { return std::pair(model[k].deadline, model[k].armed_at); });
        fired.clear();
        f.turn();
        REQUIRE(fired == expected);
        for (const std::size_t k : expected) model[k].deadline = kNever;
        break;
      }
      default: {
        const MonoTime deadline = f.clock.now() + Duration(random() % 100) - Duration(5);
        timers[i]->arm(deadline);
        model[i] = {deadline, ++armings};
      }
    }
    REQUIRE(timers[i]->deadline() == model[i].deadline);
  }
}
