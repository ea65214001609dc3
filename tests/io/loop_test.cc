#include "io/loop.h"

#include <array>
#include <fcntl.h>
#include <memory>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "support/manual_clock.h"

using namespace felix;
using namespace std::chrono_literals;

namespace {

struct Pipe {
  Pipe() { REQUIRE(pipe2(ends.data(), O_NONBLOCK | O_CLOEXEC) == 0); }
  ~Pipe() {
    close_read();
    close_write();
  }
  void close_read() {
    if (ends[0] >= 0) close(ends[0]);
    ends[0] = -1;
  }
  void close_write() {
    if (ends[1] >= 0) close(ends[1]);
    ends[1] = -1;
  }
  void put() { REQUIRE(write(ends[1], "x", 1) == 1); }
  int read_end() const { return ends[0]; }
  int write_end() const { return ends[1]; }
  std::array<int, 2> ends{};
};

struct Fixture {
  io::SystemClock clock;
  std::unique_ptr<io::Loop> loop = io::Loop::create(clock).value();
  void turn() { loop->turn(clock.now()); }
};

}  // namespace

TEST_CASE("A watch is told what its descriptor is ready for, as long as it asks") {
  Fixture f;
  Pipe pipe;
  std::vector<std::uint32_t> seen;
  io::Watch watch(*f.loop, pipe.read_end(), io::Watch::readable,
                  [&](std::uint32_t events) { seen.push_back(events); });
  f.turn();
  CHECK(seen.empty());
  pipe.put();
  f.turn();
  f.turn();  // level-triggered
  CHECK(seen == std::vector<std::uint32_t>{io::Watch::readable, io::Watch::readable});
  watch.set_events(0);
  f.turn();
  CHECK(seen.size() == 2);
  watch.set_events(io::Watch::readable);
  f.turn();
  CHECK(seen.size() == 3);
}

TEST_CASE("A hang-up is reported as every event, and not at all to a paused watch") {
  Fixture f;
  Pipe pipe;
  std::uint32_t seen = 0;
  io::Watch watch(*f.loop, pipe.write_end(), io::Watch::broken, [&](std::uint32_t events) { seen = events; });
  f.turn();
  CHECK(seen == 0);
  pipe.close_read();
  f.turn();
  CHECK(seen == (io::Watch::readable | io::Watch::writable | io::Watch::broken));
  seen = 0;
  watch.set_events(0);
  f.turn();
  CHECK(seen == 0);
}

TEST_CASE("Watches may be destroyed while the events of their turn are handed out, their own included") {
  Fixture f;
  std::array<Pipe, 3> pipes;
  std::array<std::unique_ptr<io::Watch>, 3> watches;
  int calls = 0;
  auto held = std::make_shared<int>(0);
  for (std::size_t i = 0; i < 3; ++i) {
    pipes[i].put();
    watches[i] = std::make_unique<io::Watch>(
        *f.loop, pipes[i].read_end(), io::Watch::readable, [&, held](std::uint32_t) {
          for (auto& watch : watches) watch.reset();
          ++calls;
          ++*held;  // the captures outlive the watch for the rest of this call
        });
  }
  f.turn();
  CHECK(calls == 1);
  CHECK(held.use_count() == 1);
}

TEST_CASE("A watch whose interest another callback of the turn took away is left alone") {
  Fixture f;
  std::array<Pipe, 2> pipes;
  std::array<std::unique_ptr<io::Watch>, 2> watches;
  int calls = 0;
  for (std::size_t i = 0; i < 2; ++i) {
    pipes[i].put();
    watches[i] =
        std::make_unique<io::Watch>(*f.loop, pipes[i].read_end(), io::Watch::readable, [&](std::uint32_t) {
          ++calls;
          for (auto& watch : watches) watch->set_events(0);
        });
  }
  f.turn();
  CHECK(calls == 1);
}

TEST_CASE("Pipes can be watched, files and /dev/null cannot") {
  Pipe pipe;
  CHECK(io::can_watch(pipe.read_end()));
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  CHECK_FALSE(io::can_watch(null));
  close(null);
  const int file = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  CHECK_FALSE(io::can_watch(file));
  close(file);
}

TEST_CASE("Hooks run at the end of a turn and on the way to a sleep, in the order they were added") {
  Fixture f;
  std::vector<int> order;
  f.loop->at_end_of_turn([&] { return order.push_back(1), false; });
  f.loop->at_end_of_turn([&] { return order.push_back(2), false; });
  f.turn();
  CHECK(order == std::vector{1, 2, 1, 2});
}

TEST_CASE("A hook of its own ends with its object, even inside its call") {
  Fixture f;
  int calls = 0;
  std::unique_ptr<io::EndOfTurn> hook;
  const std::weak_ptr<int> kept = [&] {
    auto held = std::make_shared<int>(0);
    hook = std::make_unique<io::EndOfTurn>(*f.loop, [&, held] {
      if (++calls == 3) hook.reset();
      return true;
    });
    return std::weak_ptr<int>(held);
  }();
  for (int turn = 0; turn < 5; ++turn) f.loop->turn(f.clock.now());
  CHECK(calls == 3);
  CHECK(kept.expired());  // what it held is gone too
}

TEST_CASE("While a hook has more to do the loop does not sleep") {
  Fixture f;
  int left = 3;
  f.loop->at_end_of_turn([&] {
    if (left > 0) --left;
    return left > 0;
  });
  // It would sleep for ever if it slept: nothing else ends it.
  io::Timer stop(*f.loop, [&] { f.loop->stop(); });
  while (left > 0) f.loop->turn(kNever);
  CHECK(left == 0);
}

TEST_CASE("The last look happens when others already see the loop sleeping") {
  Fixture f;
  std::vector<bool> sleeping;
  f.loop->at_end_of_turn([&] { return sleeping.push_back(f.loop->sleeping()), false; });
  f.turn();
  CHECK(sleeping == std::vector{true, false});
}

TEST_CASE("A sleep lasts until its deadline, and a timer is not late for want of a wake-up") {
  Fixture f;
  bool fired = false;
  io::Timer timer(*f.loop, [&] { fired = true; });
  const MonoTime deadline = f.clock.now() + 3ms;
  timer.arm(deadline);
  CHECK(f.loop->run_until([&] { return fired; }, kNever));
  CHECK(f.clock.now() >= deadline);
  CHECK_FALSE(f.loop->run_until([] { return false; }, f.clock.now() + 1ms));
}

TEST_CASE("stop() from another thread ends run(), and a stopped loop stays stopped") {
  Fixture f;
  std::thread other([&] { f.loop->stop(); });
  f.loop->run();
  other.join();
  CHECK(f.loop->stopping());
  f.loop->run();
  CHECK_FALSE(f.loop->run_until([] { return false; }, kNever));
}

TEST_CASE("wake() before the sleep ends it") {
  Fixture f;
  f.loop->wake();
  f.loop->wake();
  f.loop->turn(kNever);
  SUCCEED();
}

TEST_CASE("A loop driven by a manual clock sees its time stand still within a turn") {
  test::ManualClock clock;
  auto loop = io::Loop::create(clock).value();
  MonoTime seen;
  io::Timer timer(*loop, [&] {
    clock.advance(1s);
    seen = loop->now();
  });
  const MonoTime start = clock.now();
  timer.arm(start);
  loop->turn(start);
  CHECK(seen == start);
}
