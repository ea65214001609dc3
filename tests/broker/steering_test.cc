// A kernel that refuses the filter which gives a connection's packets to its reactor (io/udp_steering.h):
// everything is served all the same, packets that reach the wrong reactor being handed on.

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "broker/stopping.h"
#include "broker/traffic.h"
#include "support/relay_thread.h"

using namespace felix;
using namespace felix::test;

namespace {

broker::ServerOptions unsteered() {
  broker::ServerOptions options;
  options.reactor.udp.steer = false;
  options.reactor.drain_patience = std::chrono::hours(1);
  options.reactor.drain_read_grace = std::chrono::milliseconds(50);
  return options;
}

// So many that the kernel's choice of a socket is not the right one for all.
constexpr int kClients = 12;

}  // namespace

TEST_CASE("without the kernel's steering a broker serves in full, to the end of its drain") {
  RunningBroker broker(GENERATE(2u, 4u), unsteered());
  CHECK_FALSE(broker.server().steered());
  std::vector<std::unique_ptr<Pump>> pumps;
  std::vector<std::unique_ptr<Listener>> listeners;
  for (int i = 0; i < kClients; ++i) {
    const std::string stream = "s" + std::to_string(i % 3);
    listeners.push_back(std::make_unique<Listener>(broker, stream));
    pumps.push_back(std::make_unique<Pump>(broker, "p" + std::to_string(i), stream));
  }
  const auto turn = [&] {
    for (auto& pump : pumps) pump->turn();
    for (auto& listener : listeners) listener->turn();
  };
  RawClient caching(broker);
  RawChannel& cache = caching.open_authenticated();
  caching.until([&] {
    turn();
    return std::ranges::all_of(pumps, [](const auto& pump) { return pump->answered >= 200; });
  });
  cache.write(cache_put("c", "k", "AA==", with_id(1)) + cache_get("c", "k", with_id(2)));
  CHECK(cache.next().text == R"({"type":"cache_ok","request_id":1})");
  CHECK(cache.next().text.find(R"("value":"AA==")") != std::string::npos);
  caching.until([&] { return broker.metric("felix_udp_foreign_packets") > 0; });
  {
    Stopping stopping(broker);
    while (!stopping.over()) {
      turn();
      caching.turn();
    }
  }
  for (std::size_t i = 0; i < pumps.size(); ++i) {
    pumps[i]->client.until([&] { return pumps[i]->client.closed().has_value(); });
    CHECK(pumps[i]->client.closed()->text == "broker shutting down");
    for (std::size_t k = 0; k < listeners.size(); ++k) {
      listeners[k]->client.until([&] {
        listeners[k]->turn();
        return listeners[k]->client.closed().has_value();
      });
      if (k % 3 == i % 3) listeners[k]->check_has_all_of(*pumps[i]);
    }
  }
}

TEST_CASE("without the kernel's steering a client may change its address") {
  RunningBroker broker(GENERATE(2u, 4u), unsteered());
  RelayThread relay(io::Address::parse(broker.address()).value(), 1);
  const Dial roaming{.address = relay.address().to_string(), .ca_file = {}};
  Listener listener(broker);
  Pump pump(broker, "p", "s", roaming);
  // The kernel chooses by address, and so now a right reactor, now a wrong one.
  const auto met_a_wrong_one = [&] { return broker.metric("felix_udp_foreign_packets") > 0; };
  for (std::uint64_t move = 1; move <= 6 || (move <= 60 && !met_a_wrong_one()); ++move) {
    pump.client.until([&] {
      pump.turn();
      listener.turn();
      return pump.answered >= 60 * move;
    });
    relay.with([](UdpRelay& way) { way.rebind(); });
  }
  listener.client.until([&] {
    listener.turn();
    return pump.settle() && listener.heard_of(pump).size() >= pump.acknowledged.size();
  });
  listener.check_has_all_of(pump);
  CHECK(pump.acknowledged.size() == pump.answered);
  listener.client.until(met_a_wrong_one);
  pump.client.close();
  // The relay must be there until it has said so.
  listener.client.until([&] { return broker.metric("felix_connections") == 1; });
}
