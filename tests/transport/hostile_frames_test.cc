// Frames that no honest client sends, or not so many.

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "crypto/tls_context.h"
#include "hostile/hostile_client.h"
#include "transport/loopback.h"

using namespace felix;
using test::HostileClient;
using test::Loopback;
namespace frames = test::frames;

namespace {

constexpr std::uint64_t kFlowControl = 0x3;
constexpr std::uint64_t kStreamLimit = 0x4;
constexpr std::uint64_t kConnectionIdLimit = 0x9;
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

TEST_CASE("a flood of frames that lead to nothing ends the connection") {
  const std::string frame = GENERATE(frames::ping(), frames::path_challenge(1), frames::streams_blocked(1),
                                     frames::data_blocked(1), frames::reset_stream(0, 0), frames::ack(0, 0));
  Attack attack;
  std::string packet;
  while (packet.size() + frame.size() < 1300) packet += frame;
  attack.net.until([&] {
    if (!attack.client.close()) attack.client.send(packet);
    return attack.client.close().has_value();
  });
  CHECK(attack.closed_with() == kProtocolViolation);
  CHECK(attack.net.server->counters().excesses == 1);
}

TEST_CASE("a client that adds thousands of window updates to its data is served") {
  Attack attack;
  for (std::uint64_t i = 0; i < 20'000; ++i) {
    attack.client.send(frames::max_data((1u << 30) + i) + frames::ping() + frames::stream(0, i, "x"));
    if (i % 16 == 0) attack.net.loop->turn(attack.net.clock.now());
  }
  attack.net.until([&] { return attack.net.at_server[0].bytes.size() >= 19'000; });
  CHECK_FALSE(attack.client.close());
}

TEST_CASE("connection ids beyond the limit end the connection") {
  Attack attack;
  std::string packet;
  for (std::uint64_t i = 0; i < 30; ++i) packet += frames::new_connection_id(100 + i, 0);
  attack.client.send(packet);
  CHECK(attack.closed_with() == kConnectionIdLimit);
}

TEST_CASE("data beyond a window or a limit of streams ends the connection") {
  Attack attack;
  const auto [frame, code] = GENERATE(
      table<std::string, std::uint64_t>({{frames::stream(0, std::uint64_t{1} << 40, "x"), kFlowControl},
                                         {frames::stream(std::uint64_t{1} << 40, 0, "x"), kStreamLimit}}));
  attack.client.send(frame);
  CHECK(attack.closed_with() == code);
}
