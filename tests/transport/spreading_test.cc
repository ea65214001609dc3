// Which reactor a client's connection goes to.

#include <algorithm>
#include <array>

#include <catch2/catch_test_macros.hpp>

#include "transport/connection_id.h"
#include "transport/loopback.h"

using namespace felix;
using test::Loopback;

// With 100 clients chance alone passes twice the least one time in some thirty; with 400, never.
TEST_CASE("many clients spread over the reactors of a broker", "[L-91]") {
  constexpr std::uint32_t kReactors = 4;
  constexpr std::size_t kClients = 400;
  Loopback net;
  const auto broker = io::UdpSocket::bind(io::Address::parse("127.0.0.1:0").value(), {}).value();
  std::array<std::size_t, kReactors> connections{};
  std::size_t seen = 0;
  std::vector<std::unique_ptr<transport::Endpoint>> clients;
  for (std::size_t i = 0; i < kClients; ++i) {
    clients.push_back(transport::Endpoint::client(*net.loop, AF_INET, {}).value());
    REQUIRE(clients.back()->connect(broker->local(), {{}, net.client_tls}, {}));
    net.loop->turn(net.clock.now());
    broker->receive(64, [&](const io::Datagram& datagram) {
      // A long header: flags, version, the length of the destination's id and the id.
      const std::size_t size = std::to_integer<std::size_t>(datagram.bytes[5]);
      ++connections[transport::owner_of(datagram.bytes.subspan(6, size), kReactors)];
      ++seen;
    });
  }
  REQUIRE(seen >= kClients);
  const auto [least, most] = std::minmax_element(connections.begin(), connections.end());
  CHECK(*most <= 2 * *least);
}
