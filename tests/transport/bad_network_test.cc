// Transfers over a network that loses, doubles, delays and shuffles packets, and paths of every size.

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
using Kind = transport::CloseReason::Kind;

namespace {

std::string random_text(std::size_t size, std::mt19937_64& random) {
  std::string text(size, '\0');
  for (char& c : text) c = static_cast<char>(random());
  return text;
}

void write(transport::Channel& channel, std::string_view text) {
  channel.write({}, flow::Slice::copy_of(as_bytes(text)));
}

test::RelayFaults faults(double drop, double reorder, double duplicate, double corrupt = 0) {
  test::RelayFaults made;
  made.drop = drop;
  made.reorder = reorder;
  made.duplicate = duplicate;
  made.corrupt = corrupt;
  return made;
}

}  // namespace

TEST_CASE("transfers complete intact both ways over a bad network") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Loopback net;
  UdpRelay relay(*net.loop, net.server->local(), seed);
  const auto bad =
      GENERATE(faults(0.1, 0, 0), faults(0, 0.3, 0), faults(0, 0, 0.3), faults(0.05, 0.1, 0.1, 0.02));
  relay.to_server = relay.to_client = bad;
  auto& connection = net.connect(relay.address());
  net.until([&] { return net.client_ready; });
  std::map<std::int64_t, std::string> sent;
  for (int i = 0; i < 4; ++i) {
    transport::Channel* channel = connection.open_bidi();
    REQUIRE(channel != nullptr);
    net.listen(*channel);
    sent[channel->id()] = random_text(100'000, random);
    for (std::size_t at = 0; at < 100'000; at += 1000)
      write(*channel, std::string_view(sent[channel->id()]).substr(at, 1000));
    channel->finish();
  }
  net.until([&] {
    for (const auto& [id, text] : sent) {
      if (!net.at_server[id].finished) return false;
    }
    return true;
  });
  for (const auto& [id, text] : sent) {
    CHECK(net.at_server[id].bytes == text);
    write(*net.at_server[id].channel, text);
    net.at_server[id].channel->finish();
  }
  net.until([&] {
    for (const auto& [id, text] : sent) {
      if (!net.at_client[id].closed) return false;
    }
    return true;
  });
  for (const auto& [id, text] : sent) CHECK(net.at_client[id].bytes == text);
  CHECK(connection.queued_bytes() == 0);
  CHECK(relay.counts().dropped + relay.counts().reordered + relay.counts().duplicated > 0);
}

TEST_CASE("prefixes survive being sent again after more was queued behind them") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Loopback net;
  UdpRelay relay(*net.loop, net.server->local(), seed);
  relay.to_server = faults(0.2, 0, 0);
  auto& connection = net.connect(relay.address());
  net.until([&] { return net.client_ready; });
  transport::Channel* channel = connection.open_uni();
  const auto id = channel->id();
  std::string sent;
  for (int i = 0; i < 3000; ++i) {
    const std::string head = random_text(1 + random() % 60, random);
    channel->write(flow::InlineBytes(as_bytes(head)), {});
    sent += head;
    if (random() % 20 == 0) net.loop->turn(net.clock.now());
  }
  channel->finish();
  net.until([&] { return net.at_server[id].finished; });
  CHECK(net.at_server[id].bytes == sent);
}

TEST_CASE("channels reset and stopped at random under loss disturb no other") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Loopback net;
  UdpRelay relay(*net.loop, net.server->local(), seed);
  relay.to_server = relay.to_client = faults(0.1, 0.1, 0);
  auto& connection = net.connect(relay.address());
  net.until([&] { return net.client_ready; });
  transport::Channel* kept = connection.open_uni();
  const auto kept_id = kept->id();
  const std::string text = random_text(300'000, random);
  write(*kept, text);
  std::vector<std::int64_t> doomed;
  for (int i = 0; i < 40; ++i) {
    transport::Channel* channel = connection.open_bidi();
    REQUIRE(channel != nullptr);
    const auto id = channel->id();
    net.listen(*channel);
    doomed.push_back(id);
    for (int k = 0; k < 20; ++k) write(*channel, std::string(1 + random() % 3000, 'x'));
    net.loop->turn(net.clock.now());
    // What was sent and never acknowledged must not be looked at again.
    if (i % 2 == 0 && !net.at_client[id].closed) {
      channel->reset(3);
      channel->stop_reading();
    } else if (auto& heard = net.at_server[id]; heard.channel != nullptr && !heard.closed) {
      heard.channel->stop_reading();
      heard.channel->reset(4);
    }
  }
  net.until([&] { return net.at_server[kept_id].bytes.size() == text.size(); });
  CHECK(net.at_server[kept_id].bytes == text);
  CHECK_FALSE(net.client_closed);
}

TEST_CASE("a network that swallows everything is noticed in the idle time, on both ends") {
  LoopbackOptions options;
  options.client.idle_timeout = options.server.idle_timeout = std::chrono::milliseconds(400);
  options.client.keep_alive = options.server.keep_alive = std::chrono::milliseconds(100);
  Loopback net(options);
  UdpRelay relay(*net.loop, net.server->local(), 1);
  auto& connection = net.connect(relay.address());
  net.until([&] { return net.client_ready && net.server_ready; });
  transport::Channel* channel = connection.open_bidi();
  const auto id = channel->id();
  net.listen(*channel);
  write(*channel, "hello");
  net.until([&] { return net.at_server[id].bytes == "hello"; });
  relay.to_server.blackhole = relay.to_client.blackhole = true;
  const MonoTime began = net.clock.now();
  if (GENERATE(false, true)) write(*channel, "lost");
  net.until([&] { return net.client_closed && net.server_closed; });
  CHECK(net.client_closed->kind == Kind::idle_timeout);
  CHECK(net.server_closed->kind == Kind::idle_timeout);
  CHECK(net.clock.now() - began < std::chrono::seconds(3));
  CHECK(net.at_client[id].closed);
  CHECK(net.at_server[id].closed);
}

TEST_CASE("a handshake nobody answers ends in its time") {
  LoopbackOptions options;
  options.client.handshake_timeout = std::chrono::milliseconds(300);
  Loopback net(options);
  UdpRelay relay(*net.loop, net.server->local(), 1);
  relay.to_server.blackhole = true;
  net.connect(relay.address());
  net.until([&] { return net.client_closed != nullptr; });
  CHECK(net.client_closed->kind == Kind::handshake_timeout);
}

TEST_CASE("any setting of packet sizes carries data, and no packet is larger than both") {
  std::mt19937_64 random(test::seed());
  LoopbackOptions options;
  const auto [initial, upper] = GENERATE(table<std::uint16_t, std::uint16_t>(
      {{1200, 1200}, {1200, 1452}, {1400, 1300}, {1200, 9000}, {8900, 8900}, {1200, 65527}, {65527, 65527}}));
  options.client.initial_mtu = options.server.initial_mtu = initial;
  options.client.mtu_upper_bound = options.server.mtu_upper_bound = upper;
  Loopback net(options);
  auto& connection = net.connect();
  net.until([&] { return net.client_ready; });
  const std::string sent = random_text(1 << 20, random);
  transport::Channel* channel = connection.open_uni();
  const auto id = channel->id();
  write(*channel, sent);
  channel->finish();
  net.until([&] { return net.at_server[id].finished; });
  CHECK(net.at_server[id].bytes == sent);
  CHECK(connection.mtu() <= std::max(initial, upper));
}

TEST_CASE("packets grow to what the path carries, once there is volume to carry") {
  std::mt19937_64 random(test::seed());
  LoopbackOptions options;
  const auto [upper, reached] =
      GENERATE(table<std::uint16_t, std::size_t>({{0, 16250}, {4096, 4096}, {1452, 1452}, {1200, 1200}}));
  options.client.mtu_upper_bound = upper;
  Loopback net(options);
  auto& connection = net.connect();
  net.until([&] { return net.client_ready; });
  transport::Channel* channel = connection.open_uni();
  const auto id = channel->id();
  write(*channel, random_text(2000, random));
  net.until([&] { return net.at_server[id].bytes.size() == 2000 && channel->queued_bytes() == 0; });
  CHECK(connection.mtu() == 1200);
  write(*channel, random_text(1 << 20, random));
  channel->finish();
  // All of it acknowledged, so the channel is gone.
  net.until([&] { return net.at_server[id].finished && connection.channel_count() == 0; });
  CHECK(connection.mtu() == reached);
  // The other end has nothing to say that would be worth it.
  CHECK(net.server_connection->mtu() == 1200);
}

TEST_CASE("lost packets do not make those that follow smaller", "[L-79]") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  Loopback net;
  UdpRelay relay(*net.loop, net.server->local(), seed);
  auto& connection = net.connect(relay.address());
  net.until([&] { return net.client_ready; });
  transport::Channel* channel = connection.open_uni();
  const auto id = channel->id();
  write(*channel, random_text(1 << 20, random));
  net.until([&] { return net.at_server[id].bytes.size() == 1 << 20; });
  net.until([&] { return connection.mtu() == 16250; });
  relay.to_server = faults(0.15, 0, 0);
  write(*channel, random_text(1 << 20, random));
  channel->finish();
  net.until([&] { return net.at_server[id].finished; });
  CHECK(relay.counts().dropped > 0);
  CHECK(connection.mtu() == 16250);
}

TEST_CASE("what was lost is repeated as soon as that is known, though there is nothing new to send") {
  std::mt19937_64 random(test::seed());
  LoopbackOptions options;
  // No sign of life brings it about by chance.
  options.client.keep_alive = options.server.keep_alive = Duration::zero();
  Loopback net(options);
  UdpRelay relay(*net.loop, net.server->local(), test::seed());
  auto& connection = net.connect(relay.address());
  net.until([&] { return net.client_ready; });
  transport::Channel* channel = connection.open_uni();
  const auto id = channel->id();
  std::size_t sent = 0;
  for (int i = 0; i < 20; ++i) {
    // All of it is lost; the first probe that comes through says so.
    relay.to_server.drop_next = 1'000'000;
    write(*channel, random_text(10'000, random));
    sent += 10'000;
    net.until([&] { return channel->unsent_bytes() == 0; });
    relay.to_server.drop_next = 0;
    net.until([&] { return net.at_server[id].bytes.size() == sent && channel->queued_bytes() == 0; });
  }
  CHECK(relay.counts().dropped > 0);
}

TEST_CASE("what was sent in one breath with the close is heard before it") {
  Loopback net;
  auto& connection = net.connect();
  net.until([&] { return net.client_ready && net.server_ready; });
  transport::Channel* channel = connection.open_bidi();
  const auto id = channel->id();
  test::Heard& heard = net.listen(*channel);
  write(*channel, "ask");
  net.until([&] { return net.at_server[id].bytes == "ask"; });
  write(*net.at_server[id].channel, "answer");
  net.at_server[id].channel->finish();
  net.server->flush();
  if (net.at_server[id].channel->unsent_bytes() > 0)
    SKIP("the machine is slow enough for the pacer to hold it back");
  net.server->close_all(0, "bye");
  net.server->flush();
  net.until([&] { return net.client_closed != nullptr; });
  CHECK(heard.bytes == "answer");
  CHECK(heard.finished);
  CHECK(heard.closed);
}

TEST_CASE("a peer whose address is not proven is sent at most three times what came from it") {
  Loopback net;
  UdpRelay relay(*net.loop, net.server->local(), 1);
  relay.to_client.blackhole = true;
  net.connect(relay.address());
  net.until([&] { return net.server->counters().connections_accepted == 1; });
  const MonoTime end = net.clock.now() + std::chrono::milliseconds(200);
  net.until([&] { return net.clock.now() > end; });
  CHECK(net.server->counters().bytes_sent <= 3 * net.server->counters().bytes_received);
}
