#include "io/epoll_wait.h"

#include <array>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "io/clock.h"

using namespace felix;
using namespace std::chrono_literals;

TEST_CASE("A sleep is never shorter than asked for, in either unit") {
  io::SleepUnit unit = GENERATE(io::SleepUnit::nanosecond, io::SleepUnit::millisecond);
  const int epoll_fd = epoll_create1(EPOLL_CLOEXEC);
  std::array<epoll_event, 4> events;
  const io::SystemClock clock;
  for (const Duration timeout : {Duration(1), Duration(300us), Duration(1500us)}) {
    const MonoTime until = clock.now() + timeout;
    CHECK(io::wait_for_events(epoll_fd, events, timeout, unit) == 0);
    CHECK(clock.now() >= until);
  }
  CHECK(io::wait_for_events(epoll_fd, events, Duration(0), unit) == 0);
  close(epoll_fd);
}
