#include "telemetry/log_output.h"

#include <array>
#include <cstdlib>
#include <fcntl.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

using felix::telemetry::LogOutput;

namespace {

std::string read_now(int fd) {
  std::string text;
  std::array<char, 65536> chunk;
  REQUIRE(::fcntl(fd, F_SETFL, O_NONBLOCK) == 0);
  for (ssize_t got = 0; (got = ::read(fd, chunk.data(), chunk.size())) > 0;)
    text.append(chunk.data(), static_cast<std::size_t>(got));
  return text;
}

}  // namespace

TEST_CASE("a socket that is full costs lines and the next line starts on its own") {
  std::array<int, 2> ends{};
  REQUIRE(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) == 0);
  {
    LogOutput output(ends[0]);
    const std::string line = std::string(3000, 'x') + "\n";
    for (int i = 0; i < 1000; ++i) output.write(line);
    CHECK(output.dropped() > 0);
    read_now(ends[1]);
    output.write("after\n");
    const std::string text = read_now(ends[1]);
    CHECK((text == "after\n" || text == "\nafter\n"));
  }
  ::close(ends[0]);
  ::close(ends[1]);
}

TEST_CASE("a file is written at its shared position and stays open") {
  char path[] = "/tmp/felix-log-XXXXXX";
  const int fd = ::mkstemp(path);
  REQUIRE(fd >= 0);
  REQUIRE(::write(fd, "first\n", 6) == 6);
  {
    LogOutput output(fd);
    output.write("second\n");
    CHECK(output.dropped() == 0);
  }
  REQUIRE(::write(fd, "third\n", 6) == 6);
  REQUIRE(::lseek(fd, 0, SEEK_SET) == 0);
  CHECK(read_now(fd) == "first\nsecond\nthird\n");
  ::close(fd);
  ::unlink(path);
}

TEST_CASE("a descriptor that is not open drops every line") {
  LogOutput output(-1);
  output.write("nobody\n");
  CHECK(output.dropped() == 1);
}
