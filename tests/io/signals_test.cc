#include "io/signals.h"

#include <algorithm>
#include <array>
#include <errno.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace felix;

namespace {

struct Fixture {
  io::SystemClock clock;
  std::unique_ptr<io::Loop> loop = io::Loop::create(clock).value();
  void turn() { loop->turn(clock.now()); }
};

// The handler of a signal now; the test runner has some of its own.
auto handler_of(int signal) {
  struct sigaction action{};
  sigaction(signal, nullptr, &action);
  return action.sa_handler;
}

}  // namespace

TEST_CASE("The first termination signal is an event with its number, and each hang-up is one too") {
  const int signal = GENERATE(SIGINT, SIGTERM);
  const std::array numbers{SIGINT, SIGTERM, SIGHUP, SIGPIPE};
  std::array<void (*)(int), 4> former{};
  std::ranges::transform(numbers, former.begin(), handler_of);
  Fixture f;
  std::vector<int> seen;
  int hangups = 0;
  {
    const auto signals = io::Signals::install(
        *f.loop, {[&](int number) { seen.push_back(number); }, [&] { ++hangups; }, true});
    REQUIRE(signals);
    raise(SIGHUP);
    f.turn();
    raise(SIGHUP);
    f.turn();
    CHECK(hangups == 2);
    CHECK(seen.empty());
    raise(signal);
    CHECK(seen.empty());  // not inside the handler
    f.turn();
    f.turn();
    CHECK(seen == std::vector{signal});
  }
  for (std::size_t i = 0; i < numbers.size(); ++i) CHECK(handler_of(numbers[i]) == former[i]);
}

TEST_CASE("A signal ends the sleep of the loop") {
  Fixture f;
  const auto signals = io::Signals::install(*f.loop, {[&](int) { f.loop->stop(); }, nullptr, true});
  raise(SIGTERM);
  f.loop->run();
  SUCCEED();
}

TEST_CASE("A second termination signal ends the process at once with 128 + its number") {
  const int second = GENERATE(SIGINT, SIGTERM);
  const pid_t child = fork();
  if (child == 0) {
    Fixture f;
    const auto signals = io::Signals::install(*f.loop, {[](int) {}, nullptr, true});
    raise(SIGTERM);
    raise(second);  // the loop has not turned once: it may be stuck
    _exit(1);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 128 + second);
}

TEST_CASE("Writing to a pipe nobody reads is an error, not an end") {
  Fixture f;
  const auto signals = io::Signals::install(*f.loop, {[](int) {}, nullptr, true});
  std::array<int, 2> ends{};
  REQUIRE(pipe(ends.data()) == 0);
  close(ends[0]);
  CHECK(write(ends[1], "x", 1) == -1);
  CHECK(errno == EPIPE);
  close(ends[1]);
}

TEST_CASE("Signals without a hang-up action, or told to leave SIGPIPE, leave both as they were") {
  Fixture f;
  const auto on_hangup = handler_of(SIGHUP);
  const auto on_broken_pipe = handler_of(SIGPIPE);
  const auto signals = io::Signals::install(*f.loop, {[](int) {}, nullptr, false});
  CHECK(handler_of(SIGHUP) == on_hangup);
  CHECK(handler_of(SIGPIPE) == on_broken_pipe);
}
