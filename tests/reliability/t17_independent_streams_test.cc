// T17: what is lost of one subscription holds up no other one of the same connection.

#include <string>

#include <catch2/catch_test_macros.hpp>

#include "broker/running_broker.h"
#include "client/publisher.h"
#include "client/subscriber.h"
#include "reliability/verdict.h"
#include "support/seed.h"
#include "support/udp_relay.h"

using namespace felix;

TEST_CASE("T17 a loss on one subscription does not delay another of its connection") {
  constexpr std::uint64_t kRounds = 20;
  test::Verdict verdict("T17 independent subscriptions");
  const test::RunningBroker broker(1);
  const auto loop = io::Loop::create(broker.clock()).value();
  test::UdpRelay relay(*loop, io::Address::parse(broker.address()).value(), test::seed());
  relay.to_client.delay = relay.to_server.delay = std::chrono::milliseconds(20);
  client::ConnectOptions by_relay = broker.client_options();
  by_relay.servers = {relay.address().to_string()};
  const auto session = client::Session::create(*loop, by_relay).value();
  const auto direct = client::Session::create(*loop, broker.client_options()).value();
  REQUIRE(session->connect());
  REQUIRE(direct->connect());
  client::Subscriber unlucky(*session, {.stream = "unlucky"});
  client::Subscriber other(*session, {.stream = "other"});
  client::Publisher publisher(*direct, {});
  const auto soon = [&] { return broker.clock().now() + std::chrono::seconds(10); };
  REQUIRE(unlucky.wait_live(soon()));
  REQUIRE(other.wait_live(soon()));
  const auto publish = [&](const std::string& stream) {
    client::PublishRequest request;
    request.stream = stream;
    request.records = test::records({"record"});
    REQUIRE(publisher.publish_and_wait(std::move(request)));
  };
  std::uint64_t heard = 0, heard_of_other = 0, overtaken = 0;
  const auto listen = [&] {
    while (unlucky.try_next()) ++heard;
    while (other.try_next()) ++heard_of_other;
  };
  for (std::uint64_t round = 1; round <= kRounds; ++round) {
    const std::uint64_t lost = relay.counts_to_client().in_bursts;
    relay.to_client.drop_next = 1;
    publish("unlucky");
    REQUIRE(loop->run_until([&] { return relay.counts_to_client().in_bursts > lost; }, soon()));
    publish("other");
    REQUIRE(loop->run_until([&] { return listen(), heard_of_other == round; }, soon()));
    // What was lost was its event, unless a mere acknowledgement was on its way just then.
    if (heard < round) ++overtaken;
    REQUIRE(loop->run_until([&] { return listen(), heard == round; }, soon()));
  }
  verdict.figure("n", 2 * kRounds).figure("ok", heard + heard_of_other).figure("overtaken", overtaken);
  REQUIRE(verdict.print(overtaken >= kRounds / 2));
}
