#include "support/udp_relay.h"

#include <algorithm>
#include <set>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "support/relay_thread.h"
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
  std::function<void(const Address&)> on_server;
  io::Watch server_watch;
  io::Watch client_watch;

  explicit Fixture(std::uint64_t seed)
      : relay(*loop, server->local(), seed),
        server_watch(*loop, server->fd(), io::Watch::readable,
                     [this](std::uint32_t) {
                       server->receive(64, [this](const Datagram& datagram) {
                         if (on_server) on_server(datagram.from);
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

TEST_CASE("When the NAT forgets, the server hears the same client from a new address, and reaches it there") {
  Fixture f(7);
  std::set<std::string> sources;
  f.on_server = [&](const Address& from) { sources.insert(from.to_string()); };
  f.ask(10);
  f.relay.rebind();
  f.ask(10);
  f.relay.rebind("127.0.0.2");
  f.ask(10);
  CHECK(sources.size() == 3);
  CHECK(sources.rbegin()->starts_with("127.0.0.2:"));
  CHECK(f.at_client.size() == 30);
}

TEST_CASE("A shadow is heard first, and what it is sent is counted and goes nowhere") {
  Fixture f(7);
  f.relay.shadow(true);
  f.ask(10);
  CHECK(f.at_server.size() == 20);
  CHECK(f.at_client.size() == 10);
  CHECK(f.relay.bytes_to_shadow() == 40);
  CHECK(f.relay.bytes_from_server_to_shadow() == 40);
  f.relay.shadow(false);
  f.ask(10);
  CHECK(f.at_server.size() == 30);
}

TEST_CASE("Sizes are counted by direction, and a path may carry less from one moment to the next") {
  Fixture f(7);
  f.ask(10);
  CHECK(f.relay.counts_to_server().forwarded_bytes == 40);
  CHECK(f.relay.take_largest_to_server() == 4);
  CHECK(f.relay.take_largest_to_server() == 0);
  f.relay.to_client.largest_datagram = 3;
  f.ask(10);
  CHECK(f.at_server.size() == 20);
  CHECK(f.at_client.size() == 10);
  CHECK(f.relay.counts_to_client().too_large == 10);
}

TEST_CASE("A relay on a thread of its own serves who runs elsewhere") {
  const auto server = std::move(*UdpSocket::bind(*Address::parse("127.0.0.1:0"), {}));
  const auto client = std::move(*UdpSocket::bind(*Address::parse("127.0.0.1:0"), {}));
  test::RelayThread relay(server->local(), 1);
  relay.with([](UdpRelay& network) { network.to_server.delay = std::chrono::milliseconds(5); });
  std::byte bytes[4]{};
  std::size_t sent = 0;
  const auto began = std::chrono::steady_clock::now();
  REQUIRE(client->send(relay.address(), 0, bytes, sizeof(bytes), sent) == UdpSocket::Sent::all);
  std::size_t received = 0;
  while (received == 0 && std::chrono::steady_clock::now() - began < std::chrono::seconds(5))
    received = server->receive(1, [](const Datagram&) {});
  CHECK(received == 1);
  CHECK(std::chrono::steady_clock::now() - began >= std::chrono::milliseconds(5));
  std::uint64_t forwarded = 0;
  relay.with([&](UdpRelay& network) { forwarded = network.counts().forwarded; });
  CHECK(forwarded == 1);
}
