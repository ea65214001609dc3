#include "support/udp_relay.h"

#include <algorithm>
#include <set>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "support/seed.h"

using namespace felix;
using felix::io::Address;
using felix::io::Datagram;
using felix::io::UdpSocket;
using felix::test::UdpRelay;

namespace {

// An echo server behind a relay, a client before it, all on one loop.
struct Fixture {
  io::SystemClock clock;
  std::unique_ptr<io::Loop> loop = io::Loop::create(clock).value();
  std::unique_ptr<UdpSocket> server = std::move(*UdpSocket::bind(*Address::parse("127.0.0.1:0"), {}));
  std::unique_ptr<UdpSocket> client = std::move(*UdpSocket::bind(*Address::parse("127.0.0.1:0"), {}));
  UdpRelay relay;
  std::vector<std::uint32_t> at_server;
  std::vector<std::uint32_t> at_client;
  io::Watch server_watch;
  io::Watch client_watch;

  explicit Fixture(std::uint64_t seed)
      : relay(*loop, server->local(), seed),
        server_watch(*loop, server->fd(), io::Watch::readable,
                     [this](std::uint32_t) {
                       server->receive(64, [this](const Datagram& datagram) {
                         at_server.push_back(load_be<std::uint32_t>(datagram.bytes.data()));
                         std::size_t sent = 0;
                         server->send(datagram.from, 0, datagram.bytes, datagram.bytes.size(), sent);
                       });
                     }),
        client_watch(*loop, client->fd(), io::Watch::readable, [this](std::uint32_t) {
          client->receive(64, [this](const Datagram& datagram) {
            at_client.push_back(load_be<std::uint32_t>(datagram.bytes.data()));
          });
        }) {}

  void ask(std::uint32_t count) {
    for (std::uint32_t i = 0; i < count; ++i) {
      std::byte bytes[4];
      store_be(bytes, i);
      std::size_t sent = 0;
      REQUIRE(client->send(relay.address(), 0, bytes, sizeof(bytes), sent) == UdpSocket::Sent::all);
      turns(1);
    }
    turns(40);
  }
  void turns(int count) {
    for (int i = 0; i < count; ++i) loop->turn(clock.now());
  }
};

}  // namespace

TEST_CASE("A relay without faults passes everything on in order, both ways") {
  Fixture f(1);
  f.ask(100);
  CHECK(f.at_server.size() == 100);
  CHECK(std::ranges::is_sorted(f.at_server));
  CHECK(f.at_client == f.at_server);
  CHECK(f.relay.counts().forwarded == 200);
}

TEST_CASE("The same seed loses the same datagrams") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::vector<std::uint32_t> first;
  for (int run = 0; run < 2; ++run) {
    Fixture f(seed);
    f.relay.to_server.drop = 0.3;
    f.ask(100);
    CHECK(f.at_server.size() + f.relay.counts().dropped == 100);
    CHECK(f.at_client == f.at_server);
    if (run == 0) first = f.at_server;
    CHECK(f.at_server == first);
  }
}

TEST_CASE("Reordering and delay change the order, and lose nothing") {
  Fixture f(7);
  f.relay.to_server.reorder = 0.5;
  f.relay.to_client.delay_turns = 5;
  f.ask(100);
  CHECK(f.relay.counts().reordered > 0);
  CHECK_FALSE(std::ranges::is_sorted(f.at_server));
  CHECK(std::set(f.at_server.begin(), f.at_server.end()).size() == 100);
  CHECK(f.at_client == f.at_server);
}

TEST_CASE("Duplicates arrive twice, corruption changes bytes, a black hole swallows all") {
  Fixture f(7);
  f.relay.to_client.duplicate = 1;
  f.ask(10);
  CHECK(f.at_client.size() == 20);
  f.relay.to_client.duplicate = 0;
  f.relay.to_server.corrupt = 1;
  f.at_server.clear();
  f.ask(1);
  REQUIRE(f.at_server.size() == 1);
  CHECK(f.at_server[0] != 0);
  f.relay.to_server.blackhole = true;
  f.at_server.clear();
  f.ask(5);
  CHECK(f.at_server.empty());
}
