// Frames that no honest client sends, or not so many.

#include <catch2/catch_test_macros.hpp>

#include "crypto/tls_context.h"
#include "hostile/hostile_client.h"
#include "transport/loopback.h"

using namespace felix;
using test::HostileClient;
using test::Loopback;
namespace frames = test::frames;

namespace {

constexpr std::uint64_t kProtocolViolation = 0xa;

// A hostile client of a server in this process, after its handshake.
struct Attack {
  Attack()
      : client(*net.loop, net.server->local(), net.client_tls->make_session(net.clock.wall_now()).value()) {
    net.until([&] { return client.ready() && net.server_ready; });
  }
  std::uint64_t closed_with() {
    net.until([&] { return client.close().has_value() && net.server_closed != nullptr; });
    CHECK_FALSE(client.close()->by_application);
    return client.close()->code;
  }
  Loopback net;
  HostileClient client;
};

}  // namespace

TEST_CASE("a hostile client is heard") {
  Attack attack;
  attack.client.send(frames::stream(0, 0, "hello"));
  attack.net.until([&] { return attack.net.at_server[0].bytes == "hello"; });
  CHECK_FALSE(attack.client.close());
}

TEST_CASE("an acknowledgement of a packet never sent ends the connection") {
  Attack attack;
  attack.client.send(frames::ack(1'000'000, 0));
  CHECK(attack.closed_with() == kProtocolViolation);
}
