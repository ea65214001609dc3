#include "io/udp_steering.h"

#include <poll.h>
#include <random>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "io/udp_socket.h"
#include "support/seed.h"

using namespace felix;
using felix::io::Address;
using felix::io::UdpSocket;

namespace {

std::vector<std::byte> packet(bool long_form, std::uint8_t first_id_byte, std::mt19937_64& random) {
  std::vector<std::byte> bytes(40);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(random());
  if (long_form) {
    bytes[0] |= std::byte{0x80};
    bytes[5] = std::byte{8};
    bytes[6] = static_cast<std::byte>(first_id_byte);
  } else {
    bytes[0] &= std::byte{0x7f};
    bytes[1] = static_cast<std::byte>(first_id_byte);
  }
  return bytes;
}

// How many of `datagrams` from fresh source ports reached a socket other than the one their id names; -1 when
// the sockets cannot be had.
int count_astray(std::uint32_t reactors, int datagrams, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::vector<std::unique_ptr<UdpSocket>> sockets;
  Address at = *Address::parse("127.0.0.1:0");
  for (std::uint32_t i = 0; i < reactors; ++i) {
    io::UdpOptions options;
    options.reuse_port = true;
    options.reactor_count = reactors;
    auto socket = UdpSocket::bind(at, options);
    if (!socket || !(*socket)->steered()) return -1;
    at = (*socket)->local();
    sockets.push_back(std::move(*socket));
  }
  int astray = 0;
  for (int i = 0; i < datagrams; ++i) {
    const auto id_byte = static_cast<std::uint8_t>(random());
    const auto bytes = packet(i % 2 == 0, id_byte, random);
    const std::uint32_t owner = id_byte % reactors;
    if (io::steer_to(bytes, reactors) != owner) ++astray;
    auto client = UdpSocket::bind(*Address::parse("127.0.0.1:0"), {});
    std::size_t sent = 0;
    if (!client || (*client)->send(at, 0, bytes, bytes.size(), sent) != UdpSocket::Sent::all) return -1;
    std::size_t arrived = 0;
    for (std::uint32_t k = 0; k < reactors; ++k) {
      const std::size_t count = sockets[k]->receive(8, [](const io::Datagram&) {});
      arrived += count;
      if (k != owner && count != 0) ++astray;
    }
    if (arrived != 1) ++astray;
  }
  return astray;
}

}  // namespace

TEST_CASE("The kernel gives each packet to the reactor its connection id names") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  CHECK(count_astray(2, 200, seed) == 0);
  CHECK(count_astray(3, 200, seed) == 0);
}

TEST_CASE("Steering needs no privilege") {
  if (getuid() != 0) SKIP("runs without privilege already: the test above shows it");
  const std::uint64_t seed = test::seed();
  const pid_t child = fork();
  if (child == 0) {
    if (setgid(65534) != 0 || setuid(65534) != 0) _exit(99);
    const int astray = count_astray(3, 50, seed);
    _exit(astray < 0 ? 98 : astray);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  REQUIRE(WIFEXITED(status));
  CHECK(WEXITSTATUS(status) == 0);
}

TEST_CASE("Packets too short for a connection id belong to reactor 0") {
  CHECK(io::steer_to({}, 3) == 0);
  const std::vector<std::byte> long_form(6, std::byte{0xff});
  CHECK(io::steer_to(long_form, 3) == 0);
  const std::vector<std::byte> short_form(1, std::byte{0x40});
  CHECK(io::steer_to(short_form, 3) == 0);
}
