// What a server keeps of TLS once a handshake is over, and what it takes.

#include <array>

#include <catch2/catch_test_macros.hpp>

#include "crypto/tls_context.h"
#include "transport/bare_client.h"
#include "transport/loopback.h"

using namespace felix;
using test::BareClient;
using test::Loopback;
using Kind = transport::CloseReason::Kind;

TEST_CASE("a server keeps no TLS session after the handshake, and the connection goes on") {
  Loopback net;
  auto& connection = net.connect();
  net.until([&] { return net.client_ready && net.server_ready; });
  const std::weak_ptr<const crypto::TlsServerContext> context = std::exchange(net.server_tls, nullptr);
  CHECK(context.expired());  // a session would hold it
  transport::Channel* channel = connection.open_bidi();
  REQUIRE(channel != nullptr);
  channel->write({}, flow::Slice::copy_of(as_bytes(std::string_view("still here"))));
  net.until([&] { return !net.at_server.empty() && net.at_server.begin()->second.bytes == "still here"; });
}

TEST_CASE("the last of a handshake leaves in the turn it is made") {
  Loopback net;
  net.connect();
  std::uint64_t sent_before = 0;
  net.until([&] {
    if (!net.client_ready) sent_before = net.client->counters().datagrams_sent;
    return net.client_ready;
  });
  CHECK(net.client->counters().datagrams_sent > sent_before);
}

TEST_CASE("a client that goes on with TLS after the handshake is told unexpected_message") {
  Loopback net;
  BareClient client(*net.loop, net.server->local(),
                    net.client_tls->make_session(net.clock.wall_now()).value());
  const std::array<std::byte, 5> key_update{std::byte{24}, std::byte{0}, std::byte{0}, std::byte{1}, {}};
  SECTION("at once") { client.send_tls_with_finished(key_update); }
  SECTION("later") {
    net.until([&] { return client.ready() && net.server_ready; });
    client.send_tls(key_update);
  }
  net.until([&] { return client.closed_with().has_value() && net.server_closed; });
  CHECK(client.closed_with() == 0x10a);
  CHECK(net.server_closed->kind == Kind::transport_error);
  CHECK(net.server->counters().protocol_violations == 1);
  CHECK(net.server->counters().handshake_failures == 0);
}
