// Paths that carry less than they did, less than they seem to, or nothing for a while.

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

constexpr std::size_t kLargest = 16250;

// A client that sends over a relay, and a server that counts what it got.
struct Sender {
  explicit Sender(LoopbackOptions options = {})
      : net(std::move(options)), relay(*net.loop, net.server->local(), test::seed()) {}

  void connect() {
    connection = &net.connect(relay.address());
    net.until([&] { return net.client_ready; });
    channel = connection->open_uni();
  }
  void write(std::size_t bytes) {
    std::string text(bytes, '\0');
    for (char& c : text) c = static_cast<char>(random());
    sent += text;
    channel->write({}, flow::Slice::copy_of(as_bytes(text)));
  }
  const std::string& received() { return net.at_server[channel->id()].bytes; }
  void arrive() {
    net.until([&] { return received().size() == sent.size() && channel->queued_bytes() == 0; });
    CHECK(received() == sent);
  }
  void send(std::size_t bytes) {
    write(bytes);
    arrive();
  }
  // Sends on until packets have this size.
  void until_size(std::size_t bytes) {
    const MonoTime end = net.clock.now() + std::chrono::seconds(20);
    while (connection->mtu() != bytes && net.clock.now() < end) send(50'000);
    CHECK(connection->mtu() == bytes);
  }

  Loopback net;
  UdpRelay relay;
  std::mt19937_64 random{test::seed()};
  transport::Connection* connection = nullptr;
  transport::Channel* channel = nullptr;
  std::string sent;
};

}  // namespace

TEST_CASE("when a path comes to carry less, packets shrink to fit, and grow again when it carries more",
          "[L-79]") {
  Sender sender;
  sender.connect();
  sender.send(256 << 10);
  sender.until_size(kLargest);
  const auto [carries, found] =
      GENERATE(table<std::size_t, std::size_t>({{1200, 1200}, {1460, 1452}, {9000, 8900}}));
  sender.relay.to_server.largest_datagram = carries;
  sender.send(256 << 10);
  CHECK(sender.relay.counts().too_large > 0);
  sender.until_size(found);
  sender.relay.to_server.largest_datagram = 0;
  sender.until_size(kLargest);
}

TEST_CASE("a path that carries less than the first hop is used at what it carries, from the start") {
  const auto [carries, found] =
      GENERATE(table<std::size_t, std::size_t>({{1200, 1200}, {1420, 1406}, {5000, 4096}}));
  Sender sender;
  sender.relay.to_server.largest_datagram = carries;
  sender.connect();
  sender.send(256 << 10);
  sender.until_size(found);
  // Only discovery's own packets were too large: three of each size.
  CHECK(sender.relay.counts().too_large <= 18);
}

TEST_CASE("trouble while the size of the path is looked for does not keep packets small", "[L-79]") {
  LoopbackOptions options;
  options.client.mtu_upper_bound = 1452;
  Sender sender(options);
  sender.connect();
  sender.relay.to_server.largest_datagram = 1300;
  const MonoTime end = sender.net.clock.now() + std::chrono::milliseconds(500);
  while (sender.net.clock.now() < end) sender.send(50'000);
  CHECK(sender.connection->mtu() == 1200);
  CHECK(sender.relay.counts().too_large == 1);  // of three probes that a size gets
  sender.relay.to_server.largest_datagram = 0;
  sender.until_size(1452);
}

TEST_CASE("a burst of 700 lost packets leaves packets as large as they were", "[L-79]") {
  LoopbackOptions options;
  options.client.mtu_upper_bound = 1452;
  Sender sender(options);
  sender.connect();
  sender.send(2 << 20);
  sender.until_size(1452);
  const std::uint64_t before = sender.relay.counts().in_bursts;
  // In several when less is in flight at once: each ends with what there is to lose.
  for (int burst = 0; burst < 20 && sender.relay.counts().in_bursts - before < 700; ++burst) {
    sender.write(2 << 20);
    sender.relay.to_server.drop_next = 700;
    const MonoTime end = sender.net.clock.now() + std::chrono::milliseconds(20);
    sender.net.until([&] { return sender.net.clock.now() >= end; });
    sender.relay.to_server.drop_next = 0;
    sender.arrive();
    CHECK(sender.connection->mtu() == 1452);
  }
  CHECK(sender.relay.counts().in_bursts - before >= 700);
}

TEST_CASE("a path that was silent for a while is used at its size again", "[L-79]") {
  Sender sender;
  sender.connect();
  sender.send(256 << 10);
  sender.until_size(kLargest);
  sender.write(256 << 10);
  sender.relay.to_server.blackhole = true;
  const MonoTime end = sender.net.clock.now() + std::chrono::milliseconds(500);
  sender.net.until([&] { return sender.net.clock.now() > end; });
  sender.relay.to_server.blackhole = false;
  sender.arrive();
  sender.send(256 << 10);
  CHECK(sender.connection->mtu() == kLargest);
}

TEST_CASE("the size of the path is found while there is more to send than the path takes", "[L-79]") {
  Sender sender;
  sender.connect();
  sender.write(16 << 20);
  sender.net.until([&] { return sender.connection->mtu() == kLargest; });
  CHECK(sender.channel->unsent_bytes() > 0);
  sender.arrive();
}

TEST_CASE("large packets that vanish are noticed though small ones of another channel pass", "[L-79]") {
  Sender sender;
  sender.connect();
  sender.send(256 << 10);
  sender.until_size(kLargest);
  transport::Channel* ticking = sender.connection->open_uni();
  const auto ticking_id = ticking->id();
  std::size_t ticks = 0;
  sender.relay.to_server.largest_datagram = 1452;
  sender.write(256 << 10);
  const MonoTime end = sender.net.clock.now() + std::chrono::seconds(20);
  while (sender.received().size() < sender.sent.size() && sender.net.clock.now() < end) {
    ticking->write({}, flow::Slice::copy_of(as_bytes("tick")));
    ++ticks;
    const MonoTime next = sender.net.clock.now() + std::chrono::milliseconds(2);
    sender.net.until([&] { return sender.net.clock.now() >= next; });
  }
  sender.arrive();
  sender.net.until([&] { return sender.net.at_server[ticking_id].bytes.size() == 4 * ticks; });
}
