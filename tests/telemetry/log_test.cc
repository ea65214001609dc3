#include "telemetry/log.h"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <string>
#include <thread>
#include <unistd.h>
#include <vector>

#include <catch2/catch_test_macros.hpp>

using namespace felix;
using namespace felix::telemetry;

namespace {

const Logger logger("telemetry_test");

class Pipe {
 public:
  Pipe() { REQUIRE(::pipe2(ends_.data(), O_CLOEXEC) == 0); }
  ~Pipe() {
    (void)configure_logging({});
    ::close(ends_[0]);
    ::close(ends_[1]);
  }
  int write_end() const { return ends_[1]; }
  // What is in the pipe now, without waiting.
  std::string drain() const {
    REQUIRE(::fcntl(ends_[0], F_SETFL, O_NONBLOCK) == 0);
    std::string text;
    std::array<char, 65536> chunk;
    for (ssize_t got = 0; (got = ::read(ends_[0], chunk.data(), chunk.size())) > 0;)
      text.append(chunk.data(), static_cast<std::size_t>(got));
    return text;
  }

 private:
  std::array<int, 2> ends_{};
};

LogConfig config_for(const Pipe& pipe, std::string_view levels = "info") {
  LogConfig config;
  config.fd = pipe.write_end();
  config.levels = *parse_level_spec(levels);
  config.wall_now = [] { return WallTime{}; };
  config.now = [] { return MonoTime{}; };
  return config;
}

std::size_t lines_of(const std::string& text) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), '\n'));
}

}  // namespace

TEST_CASE("a logger writes at its module's level and does not evaluate what is disabled") {
  const Pipe pipe;
  REQUIRE(configure_logging(config_for(pipe, "error,telemetry_test=info")));
  int evaluated = 0;
  FELIX_LOG(logger, debug, "hidden", {"n", ++evaluated});
  FELIX_LOG(logger, info, "shown", {"n", ++evaluated});
  FELIX_LOG(logger, error, "bare");
  CHECK(evaluated == 1);
  CHECK(pipe.drain() ==
        "1970-01-01T00:00:00.000000Z info  telemetry_test: shown n=1\n"
        "1970-01-01T00:00:00.000000Z error telemetry_test: bare\n");
}

TEST_CASE("a level for a module that does not exist is a usage error that lists those that do") {
  const Pipe pipe;
  const auto status = configure_logging(config_for(pipe, "info,transprot=debug"));
  REQUIRE_FALSE(status);
  CHECK(status.error().code == Errc::usage);
  CHECK(status.error().context.find("'transprot'") != std::string::npos);
  CHECK(status.error().context.find("telemetry_test") != std::string::npos);
}

TEST_CASE("a pipe nobody reads costs lines, which are counted, and never blocks") {
  const Pipe pipe;
  REQUIRE(configure_logging(config_for(pipe)));
  const std::uint64_t before = dropped_log_lines();
  const std::string value(900, 'x');
  constexpr std::size_t kLines = 1000;
  for (std::size_t i = 0; i < kLines; ++i) FELIX_LOG(logger, info, "much", {"value", value});
  const std::uint64_t dropped = dropped_log_lines() - before;
  const std::string text = pipe.drain();
  CHECK(dropped > 0);
  CHECK(lines_of(text) + dropped == kLines);
  CHECK(text.ends_with("x\n"));
  // The descriptor given to us is still a blocking one: others share it.
  CHECK((::fcntl(pipe.write_end(), F_GETFL) & O_NONBLOCK) == 0);
  FELIX_LOG(logger, info, "again");
  CHECK(lines_of(pipe.drain()) == 1);
}

TEST_CASE("lines of threads never mix") {
  const Pipe pipe;
  REQUIRE(::fcntl(pipe.write_end(), F_SETPIPE_SZ, 1 << 20) > 0);
  REQUIRE(configure_logging(config_for(pipe)));
  constexpr int kThreads = 4;
  constexpr int kLines = 200;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t)
    threads.emplace_back([t] {
      const std::string value(static_cast<std::size_t>(100 + t * 100), static_cast<char>('a' + t));
      for (int i = 0; i < kLines; ++i) FELIX_LOG(logger, info, "line", {"value", value}, {"end", 1});
    });
  for (std::thread& thread : threads) thread.join();
  const std::string text = pipe.drain();
  std::size_t whole = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.find('\n', at);
    REQUIRE(end != std::string::npos);
    const std::string one = text.substr(at, end - at);
    const std::size_t value = one.find("value=") + 6;
    const char letter = one.at(value);
    const std::string expected(static_cast<std::size_t>(100 + (letter - 'a') * 100), letter);
    REQUIRE(one.substr(value) == expected + " end=1");
    ++whole;
    at = end + 1;
  }
  CHECK(whole == kThreads * kLines);
}

TEST_CASE("a limiter admits so many lines an interval and then tells what it suppressed") {
  LogLimiter limiter(2, std::chrono::seconds(10));
  const MonoTime start{std::chrono::seconds(100)};
  CHECK(limiter.admit(start).admitted);
  CHECK(limiter.admit(start).admitted);
  for (int i = 0; i < 7; ++i) CHECK_FALSE(limiter.admit(start + std::chrono::seconds(9)).admitted);
  const auto verdict = limiter.admit(start + std::chrono::seconds(10));
  CHECK(verdict.admitted);
  CHECK(verdict.suppressed == 7);
  CHECK(limiter.admit(start + std::chrono::seconds(11)).suppressed == 0);
}

TEST_CASE("a limited line carries the number of those suppressed before it") {
  const Pipe pipe;
  static MonoTime now{};
  LogConfig config = config_for(pipe);
  config.now = [] { return now; };
  REQUIRE(configure_logging(config));
  LogLimiter limiter(1, std::chrono::seconds(1));
  for (int i = 0; i < 5; ++i) FELIX_LOG_LIMITED(logger, limiter, warn, "peer", {"i", i});
  now += std::chrono::seconds(1);
  FELIX_LOG_LIMITED(logger, limiter, warn, "peer", {"i", 5});
  CHECK(pipe.drain() ==
        "1970-01-01T00:00:00.000000Z warn  telemetry_test: peer i=0\n"
        "1970-01-01T00:00:00.000000Z warn  telemetry_test: peer i=5 suppressed=4\n");
}
