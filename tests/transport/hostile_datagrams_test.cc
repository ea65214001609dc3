// Datagrams that belong to no connection, sent by somebody who means harm.

#include <sys/socket.h>

#include <catch2/catch_test_macros.hpp>

#include "io/udp_socket.h"
#include "transport/loopback.h"

using namespace felix;
using test::Loopback;

TEST_CASE("an empty datagram is ignored by both ends") {
  Loopback net;
  auto& connection = net.connect();
  net.until([&] { return net.client_ready && net.server_ready; });
  const auto stranger = io::UdpSocket::bind(io::Address::parse("127.0.0.1:0").value(), {}).value();
  io::Address client = net.client->local();
  client = io::Address::parse("127.0.0.1:" + std::to_string(client.port())).value();
  for (const io::Address& to : {net.server->local(), client}) {
    REQUIRE(::sendto(stranger->fd(), nullptr, 0, 0, to.raw(), to.length()) == 0);
  }
  net.until([&] {
    return net.server->counters().datagrams_ignored == 1 && net.client->counters().datagrams_ignored == 1;
  });
  CHECK_FALSE(connection.closing());
}
