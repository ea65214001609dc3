// T17: a peer that vanishes without a word is noticed within seven seconds, with the settings that are
// shipped, on both ends; and one that is only idle is kept.

#include <csignal>
#include <memory>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "bench/broker_process.h"
#include "broker/running_broker.h"
#include "client/publisher.h"
#include "reliability/verdict.h"
#include "support/udp_relay.h"

using namespace felix;

namespace {

constexpr Duration kPatience = std::chrono::seconds(7);

// A client with publishes under way to a broker that has just vanished.
struct Bereaved {
  Bereaved(io::Loop& loop, client::ConnectOptions options) {
    options.reconnect.enabled = false;
    session = client::Session::create(loop, std::move(options)).value();
    REQUIRE(session->connect());
    publisher = std::make_unique<client::Publisher>(*session, client::PublisherOptions{});
    REQUIRE(publisher->publish_and_wait(request()));
  }
  static client::PublishRequest request() {
    client::PublishRequest made;
    made.stream = "vanishing";
    made.records = test::records({"record"});
    return made;
  }
  void publish() {
    ++sent;
    publisher->publish(request(), [this](Result<client::PublishOutcome> outcome) {
      unknown += !outcome && outcome.error().code == Errc::outcome_unknown;
      noticed = std::max(noticed, session->now());
    });
  }
  bool done() const {
    return publisher->pending() == 0 && session->state() == client::Session::State::closed;
  }

  std::unique_ptr<client::Session> session;
  std::unique_ptr<client::Publisher> publisher;
  std::uint64_t sent = 0, unknown = 0;
  MonoTime noticed{};
};

double seconds(Duration time) { return std::chrono::duration<double>(time).count(); }

}  // namespace

TEST_CASE("T17 a peer that vanishes is noticed on both ends and its publishes are unknown", "[L-86]") {
  test::Verdict verdict("T17 vanished peers");
  const test::RunningBroker broker(2);
  const auto killed = bench::BrokerProcess::start(FELIX_COMMAND, {"--reactors", "1"}).value();
  const auto loop = io::Loop::create(broker.clock()).value();
  test::UdpRelay relay(*loop, io::Address::parse(broker.address()).value(), 1);

  client::ConnectOptions by_relay = broker.client_options();
  by_relay.servers = {relay.address().to_string()};
  Bereaved cut_off(*loop, by_relay);
  Bereaved orphaned(*loop, killed->client_options());
  Bereaved healthy(*loop, broker.client_options());
  const double before = broker.metric("felix_connections");

  relay.to_server.blackhole = relay.to_client.blackhole = true;
  ::kill(killed->pid(), SIGKILL);
  const MonoTime began = broker.clock().now();
  for (int i = 0; i < 3; ++i) {
    cut_off.publish();
    orphaned.publish();
  }
  MonoTime next_look = began;
  MonoTime noticed_by_broker = kNever;
  const MonoTime end = began + std::max<Duration>(kPatience + std::chrono::seconds(2), test::load_time({}));
  loop->run_until(
      [&] {
        if (broker.clock().now() >= next_look) {
          next_look += std::chrono::milliseconds(50);
          if (noticed_by_broker == kNever && broker.metric("felix_connections") < before)
            noticed_by_broker = broker.clock().now();
        }
        return false;
      },
      end);
  const bool alive = healthy.session->ready() && healthy.publisher->publish_and_wait(Bereaved::request());
  const auto within = [&](MonoTime at) { return at - began <= kPatience; };
  verdict.figure("n", cut_off.sent + orphaned.sent)
      .figure("unknown", cut_off.unknown + orphaned.unknown)
      .figure("cut_off_client_s", seconds(cut_off.noticed - began))
      .figure("client_of_killed_broker_s", seconds(orphaned.noticed - began))
      .figure("broker_of_cut_off_client_s",
              noticed_by_broker == kNever ? -1 : seconds(noticed_by_broker - began))
      .figure("idle_s", seconds(end - began))
      .figure("idle_connection", alive ? "kept" : "lost");
  REQUIRE(verdict.print(cut_off.done() && orphaned.done() && cut_off.unknown == cut_off.sent &&
                        orphaned.unknown == orphaned.sent && within(cut_off.noticed) &&
                        within(orphaned.noticed) && noticed_by_broker != kNever &&
                        within(noticed_by_broker) && alive));
}
