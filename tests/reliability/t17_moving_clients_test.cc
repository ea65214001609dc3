// T17: clients whose addresses change go on where they were: behind a NAT that forgets them all, again and
// again, with two reactors, whether the kernel steers packets to their reactor or spreads them by address.

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "broker/running_broker.h"
#include "client/publisher.h"
#include "client/subscriber.h"
#include "reliability/verdict.h"
#include "support/seed.h"
#include "support/udp_relay.h"

using namespace felix;

namespace {

constexpr int kClients = 8;
constexpr int kMoves = 10;
constexpr std::uint64_t kRecordsAMove = 40;  // of each client: a part before it, the rest after

// Publishes to one stream and hears another, on one connection.
struct Roamer {
  Roamer(io::Loop& loop, const client::ConnectOptions& options, std::string writes, const std::string& reads)
      : to(std::move(writes)) {
    session = client::Session::create(loop, options).value();
    REQUIRE(session->connect());
    publisher = std::make_unique<client::Publisher>(*session, client::PublisherOptions{});
    subscriber = std::make_unique<client::Subscriber>(*session, client::SubscribeOptions{.stream = reads});
    REQUIRE(subscriber->wait_live(session->now() + std::chrono::seconds(10)));
  }
  void publish(std::uint64_t count) {
    for (; count > 0; --count) {
      client::PublishRequest request;
      request.stream = to;
      request.records = test::records({std::to_string(sent++)});
      publisher->publish(std::move(request),
                         [this](Result<client::PublishOutcome> outcome) { acked += outcome.has_value(); });
    }
  }
  void listen() {
    while (auto batch = subscriber->try_next()) {
      for (const std::string& text : test::texts_of(batch->records))
        astray += text != std::to_string(heard++);
    }
  }

  std::string to;
  std::unique_ptr<client::Session> session;
  std::unique_ptr<client::Publisher> publisher;
  std::unique_ptr<client::Subscriber> subscriber;
  std::uint64_t sent = 0, acked = 0, heard = 0;
  std::uint64_t astray = 0;  // not the record that was next: lost, twice or out of order
};

struct Outcome {
  std::uint64_t sent = 0, acked = 0, heard = 0, astray = 0, connections = 0;
  double foreign = 0;
  Duration silent_listener{};  // until one who only listens was reached after its last move
};

Outcome move_about(bool steer) {
  broker::ServerOptions options;
  options.reactor.udp.steer = steer;
  const test::RunningBroker broker(2, std::move(options));
  const auto loop = io::Loop::create(broker.clock()).value();
  test::UdpRelay relay(*loop, io::Address::parse(broker.address()).value(), test::seed());
  client::ConnectOptions by_relay = broker.client_options();
  by_relay.servers = {relay.address().to_string()};
  const auto stream = [](int i) { return "moving" + std::to_string(i % kClients); };
  std::vector<std::unique_ptr<Roamer>> roamers;
  for (int i = 0; i < kClients; ++i)
    roamers.push_back(std::make_unique<Roamer>(*loop, by_relay, stream(i + 1), stream(i)));
  Roamer listener(*loop, by_relay, "nothing", "news");
  Roamer direct(*loop, broker.client_options(), "news", "nothing");
  const auto until = [&](auto done) {
    return loop->run_until(
        [&] {
          for (auto& roamer : roamers) roamer->listen();
          listener.listen();
          return done();
        },
        broker.clock().now() + std::chrono::seconds(15));
  };
  const auto all_heard = [&] {
    return std::ranges::all_of(roamers, [](const auto& roamer) {
      return roamer->acked == roamer->sent && roamer->heard == roamer->sent;
    });
  };

  for (int move = 0; move < kMoves; ++move) {
    for (auto& roamer : roamers) roamer->publish(kRecordsAMove / 2);
    for (int turns = move; turns > 0; --turns) loop->turn(broker.clock().now());
    relay.rebind();
    for (auto& roamer : roamers) roamer->publish(kRecordsAMove / 2);
    CHECK(until(all_heard));
  }
  relay.rebind();
  direct.publish(1);
  const MonoTime moved = broker.clock().now();
  CHECK(until([&] { return listener.heard == 1; }));

  Outcome found;
  found.silent_listener = broker.clock().now() - moved;
  found.foreign = broker.metric("felix_udp_foreign_packets");
  for (const auto& roamer : roamers) {
    found.sent += roamer->sent;
    found.acked += roamer->acked;
    found.heard += roamer->heard;
    found.astray += roamer->astray;
    found.connections += roamer->session->connection_count();
  }
  return found;
}

}  // namespace

TEST_CASE("T17 clients that move keep their subscriptions and publishes whichever reactor hears them") {
  test::Verdict verdict("T17 moving clients");
  bool passed = true;
  for (const bool steer : {true, false}) {
    const Outcome found = move_about(steer);
    const std::string how = steer ? "steered" : "spread";
    verdict.figure("n_" + how, found.sent)
        .figure("ok_" + how, found.acked)
        .figure("heard_" + how, found.heard)
        .figure("astray_" + how, found.astray)
        .figure("moves_" + how, std::uint64_t{kMoves + 1} * (kClients + 1))
        .figure("foreign_packets_" + how, found.foreign)
        .figure("silent_listener_ms_" + how,
                std::chrono::duration<double, std::milli>(found.silent_listener).count());
    passed = passed && found.acked == found.sent && found.heard == found.sent && found.astray == 0 &&
             found.connections == kClients && (steer ? found.foreign == 0 : found.foreign > 0) &&
             // Nobody can reach one who says nothing before its next sign of life.
             found.silent_listener < transport::TransportConfig{}.keep_alive + std::chrono::seconds(1);
  }
  REQUIRE(verdict.print(passed));
}
