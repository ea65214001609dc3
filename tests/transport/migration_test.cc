// A client whose address changes under it: a NAT that forgets, another network, and somebody who pretends.

#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/seed.h"
#include "support/udp_relay.h"
#include "transport/loopback.h"

using namespace felix;
using test::Loopback;
using test::LoopbackOptions;
using test::UdpRelay;

namespace {

constexpr std::size_t kPiece = 200'000;

// A client behind a relay, with a channel that carries random bytes both ways.
struct Roaming {
  explicit Roaming(LoopbackOptions options = {})
      : net(std::move(options)), relay(*net.loop, net.server->local(), 1) {
    CAPTURE(test::seed());
    connection = &net.connect(relay.address());
    net.until([&] { return net.client_ready && net.server_ready; });
    channel = connection->open_bidi();
    net.listen(*channel);
    exchange(kPiece);
  }

  void write(transport::Channel& to, std::string& record, std::size_t bytes) {
    std::string text(bytes, '\0');
    for (char& c : text) c = static_cast<char>(random());
    record += text;
    to.write({}, flow::Slice::copy_of(as_bytes(text)));
  }
  test::Heard& at_server() { return net.at_server[channel->id()]; }
  test::Heard& at_client() { return net.at_client[channel->id()]; }

  // Both ends send so much, and `in_flight` happens when a part of it has arrived.
  void exchange(std::size_t bytes, const std::function<void()>& in_flight = [] {}) {
    write(*channel, up, bytes);
    if (at_server().channel == nullptr) net.until([&] { return at_server().channel != nullptr; });
    write(*at_server().channel, down, bytes);
    net.until([&] { return at_server().bytes.size() > up.size() - bytes / 2; });
    in_flight();
    net.until(
        [&] { return at_server().bytes.size() == up.size() && at_client().bytes.size() == down.size(); });
    CHECK(at_server().bytes == up);
    CHECK(at_client().bytes == down);
    CHECK(net.client_closed == nullptr);
    CHECK(net.server_closed == nullptr);
  }

  Loopback net;
  UdpRelay relay;
  std::mt19937_64 random{test::seed()};
  transport::Connection* connection = nullptr;
  transport::Channel* channel = nullptr;
  std::string up, down;
};

LoopbackOptions starting_at(std::uint16_t initial_mtu) {
  LoopbackOptions options;
  options.client.initial_mtu = options.server.initial_mtu = initial_mtu;
  return options;
}

}  // namespace

TEST_CASE("a client whose NAT gives it another port or address goes on, and nothing is lost or comes twice") {
  const std::string host = GENERATE("", "127.0.0.2");
  // With discovery of the path's size, and for a path that is known.
  Roaming roaming(starting_at(GENERATE(std::uint16_t{1200}, std::uint16_t{1400})));
  const io::Address before = roaming.net.server_connection->remote();
  roaming.exchange(kPiece, [&] { roaming.relay.rebind(host); });
  roaming.exchange(kPiece);
  const io::Address after = roaming.net.server_connection->remote();
  CHECK(after != before);
  CHECK(after.host_string() == (host.empty() ? before.host_string() : host));
  CHECK(roaming.net.server->counters().connections_accepted == 1);
}

TEST_CASE(
    "a server that speaks first is not heard at the forgotten address, and is as soon as the client speaks") {
  Roaming roaming;
  roaming.relay.rebind();
  roaming.write(*roaming.at_server().channel, roaming.down, kPiece);
  for (int i = 0; i < 100; ++i) roaming.net.loop->turn(roaming.net.clock.now());
  CHECK(roaming.at_client().bytes.size() < roaming.down.size());
  roaming.exchange(kPiece);
}

TEST_CASE("a client may change its address again and again") {
  Roaming roaming;
  for (int i = 0; i < 20; ++i) roaming.exchange(kPiece / 10, [&] { roaming.relay.rebind(); });
}

TEST_CASE(
    "who repeats packets from elsewhere gets at most three times what he sent, and the client goes on") {
  Roaming roaming(starting_at(GENERATE(std::uint16_t{1200}, std::uint16_t{1400})));
  const io::Address before = roaming.net.server_connection->remote();
  for (int i = 0; i < 5; ++i) {
    roaming.relay.shadow(true);
    roaming.write(*roaming.channel, roaming.up, kPiece / 10);
    roaming.write(*roaming.at_server().channel, roaming.down, kPiece / 10);
    roaming.net.until([&] { return roaming.net.server_connection->remote() != before; });
    for (int turn = 0; turn < 5 * i; ++turn) roaming.net.loop->turn(roaming.net.clock.now());
    roaming.relay.shadow(false);
    roaming.exchange(kPiece / 10);
  }
  CHECK(roaming.relay.bytes_to_shadow() > 0);
  CHECK(roaming.relay.bytes_from_server_to_shadow() <= 3 * roaming.relay.bytes_to_shadow());
  roaming.net.until([&] { return roaming.net.server_connection->remote() == before; });
}

TEST_CASE("the last words of a connection go where its client is now") {
  Roaming roaming;
  roaming.relay.rebind();
  roaming.exchange(kPiece);
  roaming.net.server_connection->close(7, "moved");
  roaming.net.until([&] { return roaming.net.client_closed != nullptr; });
  CHECK(roaming.net.client_closed->code == 7);
}
