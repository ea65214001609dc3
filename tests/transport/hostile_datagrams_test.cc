// Datagrams that belong to no connection, sent by somebody who means harm.

#include <string>
#include <sys/socket.h>

#include <catch2/catch_test_macros.hpp>

#include "crypto/tls_context.h"
#include "hostile/frames.h"
#include "hostile/initials.h"
#include "io/udp_socket.h"
#include "transport/loopback.h"

using namespace felix;
using test::Initials;
using test::Loopback;
using test::LoopbackOptions;

namespace {

// Sends what it is told to and counts what comes back.
struct Stranger {
  explicit Stranger(Loopback& loopback) : net(loopback) {}
  void send(const std::string& datagram) {
    std::size_t sent = 0;
    socket->send(net.server->local(), 0, as_bytes(datagram), datagram.size(), sent);
    ++sent_count;
  }
  // Until the server has read everything.
  std::size_t answers() {
    net.until([&] { return net.server->counters().datagrams_received >= sent_count; });
    net.loop->turn(net.clock.now());
    std::size_t count = 0;
    while (const std::size_t more = socket->receive(64, [](const io::Datagram&) {})) count += more;
    return count;
  }
  Loopback& net;
  std::unique_ptr<io::UdpSocket> socket =
      io::UdpSocket::bind(io::Address::parse("127.0.0.1:0").value(), {}).value();
  std::uint64_t sent_count = 0;
};

Initials initials_of(Loopback& net) {
  return Initials(net.client_tls->make_session(net.clock.wall_now()).value());
}

}  // namespace

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

TEST_CASE("a first packet in a datagram too small for one begins nothing and is not answered") {
  Loopback net;
  Initials initials = initials_of(net);
  Stranger stranger(net);
  for (int i = 0; i < 100; ++i) stranger.send(initials.next_with(test::frames::ping(), 1199));
  CHECK(stranger.answers() == 0);
  CHECK(net.server->counters().connections_accepted == 0);
  CHECK(net.server->connection_count() == 0);
}

TEST_CASE("first packets that begin nothing leave nothing behind, and soon need a proven address") {
  Loopback net;
  Initials initials = initials_of(net);
  Stranger stranger(net);
  for (int i = 0; i < 1000; ++i) {
    stranger.send(initials.next_with(test::frames::ping()));
    if (i % 10 == 0) stranger.answers();
  }
  stranger.answers();
  CHECK(net.server->connection_count() == 0);
  CHECK(net.server->counters().retries_sent > 300);
}

TEST_CASE("a closed connection repeats its last words ever more rarely") {
  LoopbackOptions options;
  options.client_alpn = {"somethingelse/1"};
  Loopback net(options);
  Initials initials = initials_of(net);
  Stranger stranger(net);
  stranger.send(initials.next());
  net.until([&] { return net.server_closed != nullptr; });
  REQUIRE(stranger.answers() == 1);
  std::string scrap("\xe3\0\0\0\1\x10", 6);
  scrap += initials.destination();
  scrap += std::string(18, '\0');
  for (int i = 0; i < 1000; ++i) stranger.send(scrap);
  const std::size_t answers = stranger.answers();
  CHECK(answers >= 1);
  CHECK(answers <= 10);
}

TEST_CASE("unknown connections are reset so many times a second, and always in fewer bytes") {
  Loopback net;
  Stranger stranger(net);
  const MonoTime began = net.clock.now();
  for (int i = 0; i < 5000; ++i) {
    stranger.send("\x43" + std::string(40, 'u'));
    if (i % 50 == 0) net.loop->turn(net.clock.now());
  }
  stranger.answers();
  const transport::EndpointCounters& counters = net.server->counters();
  const std::chrono::duration<double> took = net.clock.now() - began;
  CHECK(counters.resets_sent >= 2000);
  CHECK(static_cast<double>(counters.resets_sent) <= 2001 + 1000 * took.count());
  CHECK(counters.resets_sent + counters.answers_withheld == 5000);
  CHECK(counters.bytes_sent < counters.resets_sent * 41);
}

TEST_CASE("handshakes nobody goes on with are forgotten after their time") {
  LoopbackOptions options;
  options.server.handshake_timeout = std::chrono::milliseconds(100);
  Loopback net(options);
  Initials initials = initials_of(net);
  Stranger stranger(net);
  for (int i = 0; i < 40; ++i) {
    stranger.send(initials.next());
    net.loop->turn(net.clock.now());
  }
  net.until([&] { return net.server->counters().datagrams_received == 40; });
  const std::uint64_t put_off = net.server->counters().retries_sent;
  CHECK(net.server->counters().connections_accepted == 32);  // of one network
  CHECK(put_off == 8);
  net.until([&] { return net.server->connection_count() == 0; });
  net.connect();
  net.until([&] { return net.client_ready; });
  CHECK(net.server->counters().retries_sent == put_off);
}
