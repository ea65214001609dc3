// How a broker ends (wire protocol section 8.4): everyone hears it, and nothing acknowledged is kept from a
// subscriber that takes it.

#include <algorithm>
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/stopping.h"
#include "broker/traffic.h"
#include "support/seed.h"

using namespace felix;
using namespace felix::test;

namespace {

bool heard_shutdown(const RawClient& client) {
  return client.closed() && client.closed()->kind == transport::CloseReason::Kind::peer_application &&
         client.closed()->code == 0 && client.closed()->text == "broker shutting down";
}

transport::TransportConfig window_of(std::uint64_t bytes) {
  transport::TransportConfig config;
  config.stream_window_bytes = config.connection_window_bytes = bytes;
  return config;
}

// Nobody is waited for who takes nothing: a drain that ends did so because all was taken.
broker::ServerOptions all_must_be_taken() {
  broker::ServerOptions options;
  options.reactor.drain_patience = std::chrono::hours(1);
  options.reactor.drain_read_grace = std::chrono::milliseconds(50);
  return options;
}

}  // namespace

TEST_CASE("a drain ends at once whoever is idle, and loses nothing that was acknowledged", "[L-85]") {
  constexpr int kRounds = 7;
  constexpr int kConnections = 10;
  constexpr int kSubscriptions = 10;
  const std::uint32_t reactors = GENERATE(1u, 2u, 4u);
  for (int round = 0; round < kRounds; ++round) {
    CAPTURE(reactors, round);
    RunningBroker broker(reactors, all_must_be_taken());
    std::vector<std::unique_ptr<RawClient>> idle;
    for (int i = 0; i < kConnections; ++i) {
      idle.push_back(std::make_unique<RawClient>(broker));
      for (int each = 0; each < kSubscriptions; ++each) subscribed(*idle.back(), "quiet");
    }
    RawClient unauthenticated(broker);
    unauthenticated.open().write("FLX1");
    Listener reader(broker);
    Pump first(broker, "a");
    Pump second(broker, "b");
    const auto turn = [&] {
      first.turn();
      second.turn();
      reader.turn();
      for (auto& client : idle) client->turn();
    };
    while (first.answered < 20 || second.answered < 20) turn();

    Stopping stopping(broker);
    while (!stopping.over()) turn();
    CHECK(stopping.took() < std::chrono::seconds(5));
    reader.client.until([&] {
      turn();
      return first.client.closed() && second.client.closed() && reader.client.closed();
    });
    for (auto& client : idle) client->until([&] { return client->closed().has_value(); });
    unauthenticated.until([&] { return unauthenticated.closed().has_value(); });
    for (const auto& client : idle) CHECK(heard_shutdown(*client));
    for (const RawClient* each : {&unauthenticated, &reader.client, &first.client, &second.client})
      CHECK(heard_shutdown(*each));
    for (const Pump* pump : {&first, &second}) reader.check_has_all_of(*pump);
  }
}

TEST_CASE("a drain waits for a subscriber that reads slowly but steadily", "[L-85]") {
  broker::ServerOptions options;
  options.reactor.drain_patience = std::chrono::milliseconds(500);
  RunningBroker broker(GENERATE(1u, 2u, 4u), std::move(options));
  RawClient publisher(broker);
  RawChannel& channel = publisher.open_authenticated();
  RawClient reader(broker, window_of(64 * 1024));
  RawChannel& events = subscribed(reader, "s");
  events.stop_consuming();
  // Twice the patience in all: forty pauses of 25 ms.
  constexpr std::uint64_t kRecords = 160;
  for (std::uint64_t i = 0; i < kRecords; ++i) channel.write(acked(i, "s", {std::string(16 * 1024, 'x')}));
  for (std::uint64_t i = 0; i < kRecords; ++i) CHECK(ack_of(channel.next()).status == 0);

  Stopping stopping(broker);
  std::size_t received = 0;
  while (!reader.closed()) {
    publisher.turn();
    (void)reader.within(std::chrono::milliseconds(25), [] { return false; });
    events.consume_again();
    events.stop_consuming();
    reader.turn();
    while (events.waiting() > 0) received += events_of(events.next()).records.size();
  }
  CHECK(received == kRecords);
  CHECK(heard_shutdown(reader));
}

TEST_CASE("a drain has patience with a subscriber that reads nothing, and then ends") {
  broker::ServerOptions options;
  options.reactor.drain_patience = std::chrono::milliseconds(300);
  RunningBroker broker(GENERATE(1u, 2u), std::move(options));
  RawClient publisher(broker);
  RawChannel& channel = publisher.open_authenticated();
  RawClient reader(broker, window_of(64 * 1024));
  RawChannel& events = subscribed(reader, "s");
  events.stop_consuming();
  for (std::uint64_t i = 0; i < 50; ++i) channel.write(acked(i, "s", {std::string(16 * 1024, 'x')}));
  for (std::uint64_t i = 0; i < 50; ++i) CHECK(ack_of(channel.next()).status == 0);
  Stopping stopping(broker);
  while (!stopping.over()) {
    publisher.turn();
    (void)reader.within(std::chrono::milliseconds(5), [] { return false; });
  }
  CHECK(stopping.took() >= std::chrono::milliseconds(300));
  CHECK(stopping.took() < std::chrono::seconds(8));
}

TEST_CASE("whoever subscribes while the broker drains is served or told, and never left waiting", "[L-15]") {
  std::mt19937_64 random(test::seed());
  const std::uint32_t reactors = GENERATE(1u, 2u, 4u);
  for (int round = 0; round < 15; ++round) {
    RunningBroker broker(reactors, all_must_be_taken());
    std::vector<std::unique_ptr<RawClient>> clients;
    std::vector<RawChannel*> channels;
    for (int i = 0; i < 8; ++i) {
      clients.push_back(std::make_unique<RawClient>(broker));
      channels.push_back(&clients.back()->open_authenticated());
    }
    const auto pause = std::chrono::microseconds(random() % 3000);
    Stopping stopping(broker);
    const MonoTime from = broker.clock().now() + pause;
    for (std::size_t i = 0; i < clients.size(); ++i) {
      const MonoTime at = from + std::chrono::microseconds(random() % 2000);
      while (broker.clock().now() < at) clients[i]->turn();
      channels[i]->write(subscribe("s" + std::to_string(i % 3)));
      clients[i]->turn();
    }
    clients[0]->until([&] {
      for (auto& client : clients) client->turn();
      return std::ranges::all_of(clients, [](const auto& client) { return client->closed().has_value(); });
    });
    for (std::size_t i = 0; i < clients.size(); ++i) {
      CHECK(heard_shutdown(*clients[i]));
      while (channels[i]->waiting() > 0) {
        const std::string answer = channels[i]->next().text;
        CAPTURE(answer);
        CHECK((answer.starts_with(R"({"type":"subscribed")") || answer.starts_with(R"({"type":"error")")));
      }
    }
  }
}
