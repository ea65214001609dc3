// T20: an established peer that floods, lies or breaks the rules costs a broker next to nothing, and where it
// must go, it goes at once.

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "hostile/hostile_client.h"
#include "io/clock.h"
#include "io/loop.h"
#include "reliability/broker_peer.h"
#include "reliability/verdict.h"

using namespace felix;
using test::HostileClient;
namespace frames = test::frames;

namespace {

constexpr std::uint64_t kAllowedBytes = 1 << 20;
constexpr Duration kAllowedTime = std::chrono::seconds(1);
// How long an attack goes on that is not ended.
constexpr Duration kPatience = std::chrono::milliseconds(1200);

struct Attack {
  std::string name;
  // The frames of the next packet; empty: wait.
  std::function<std::string(HostileClient&)> next;
  // What is so much against the rules that the broker must end the connection.
  bool must_end = true;
};

// As often as fits a packet.
std::string repeated(const std::function<std::string()>& frame) {
  std::string all;
  for (std::string one = frame(); all.size() + one.size() <= 1300; one = frame()) all += one;
  return all;
}

std::vector<Attack> attacks() {
  std::vector<Attack> all;
  const auto flood = [&all](std::string name, std::function<std::string(std::uint64_t)> frame) {
    all.push_back({std::move(name), [frame, n = std::uint64_t{0}](HostileClient&) mutable {
                     return repeated([&] { return frame(n++); });
                   }});
  };
  all.push_back({"ack_of_unsent", [](HostileClient&) { return frames::ack(1'000'000, 0); }});
  // Numbers far above those the handshake has used.
  flood("new_ids", [](std::uint64_t n) { return frames::new_connection_id(100 + n, 0); });
  flood("new_ids_that_retire", [](std::uint64_t n) { return frames::new_connection_id(100 + n, 100 + n); });
  flood("new_ids_long_retired", [](std::uint64_t n) {
    return n == 0 ? frames::new_connection_id(1'000'000, 1'000'000) : frames::new_connection_id(100 + n, 0);
  });
  // The broker gives a new id for each retired one, in its own time.
  all.push_back({"retire_ids",
                 [retired = std::uint64_t{0}](HostileClient& c) mutable {
                   if (retired > c.heard().count[0x18]) return std::string();
                   return frames::retire_connection_id(++retired);
                 },
                 false});
  flood("path_challenges", [](std::uint64_t n) { return frames::path_challenge(n); });
  flood("pings", [](std::uint64_t) { return frames::ping(); });
  flood("old_acks", [](std::uint64_t) { return frames::ack(0, 0); });
  flood("streams_blocked", [](std::uint64_t) { return frames::streams_blocked(1); });
  flood("data_blocked", [](std::uint64_t n) { return frames::data_blocked(n); });
  flood("max_data", [](std::uint64_t n) { return frames::max_data((std::uint64_t{1} << 30) + n); });
  flood("max_streams", [](std::uint64_t n) { return frames::max_uni_streams(100 + n); });
  flood("max_stream_data", [](std::uint64_t n) { return frames::max_stream_data(0, (1u << 30) + n); });
  flood("stop_sending", [](std::uint64_t) { return frames::stop_sending(0); });
  flood("resets", [](std::uint64_t) { return frames::reset_stream(0, 0); });
  // As fast as streams are granted anew, which is as fast as their ends are answered.
  all.push_back({"rapid_reset",
                 [sent = std::uint64_t{0}](HostileClient& c) mutable {
                   std::string packet;
                   const std::uint64_t limit = c.uni_streams();
                   for (; sent < limit && packet.size() < 1200; ++sent)
                     packet += frames::stream(2 + 4 * sent, 0, "x") + frames::reset_stream(2 + 4 * sent, 1);
                   return packet;
                 },
                 false});
  // As much control as data pays for: it may go on, and must leave nothing behind.
  all.push_back({"control_beside_data",
                 [n = std::uint64_t{0}](HostileClient&) mutable {
                   if (n >= 12'500) return std::string();
                   std::string packet = frames::stream(2, n, "x");
                   for (std::uint64_t i = 0; i < 8; ++i) packet += frames::max_data((1u << 30) + 8 * n + i);
                   ++n;
                   return packet;
                 },
                 false});
  // A header that announces much, on every stream there may be.
  all.push_back({"many_beginnings",
                 [n = std::uint64_t{0}](HostileClient&) mutable {
                   return n >= 16 ? std::string()
                                  : frames::stream(4 * n++, 0, std::string("FLX1\0\1\0\0\0\xff\xff\xff", 12));
                 },
                 false});
  flood("handshake_data", [](std::uint64_t n) { return frames::crypto(1 + 2 * n, "x"); });
  flood("fragments", [](std::uint64_t n) { return frames::stream(2, 1 + 2 * n, "x"); });
  // ngtcp2 keeps 8 KiB for each; what bounds them is the stream's window, which grows by use.
  flood("far_fragments", [](std::uint64_t n) { return frames::stream(2, 1 + 8192 * n, "x"); });
  flood("beyond_the_window", [](std::uint64_t) { return frames::stream(2, std::uint64_t{1} << 40, "x"); });
  flood("beyond_the_streams",
        [](std::uint64_t) { return frames::stream(std::uint64_t{1} << 40 | 2, 0, "x"); });
  all.push_back({"moving",
                 [](HostileClient& c) {
                   c.move();
                   return frames::ping();
                 },
                 false});
  return all;
}

struct Outcome {
  std::uint64_t packets = 0;
  std::uint64_t grown_bytes = 0;
  Duration ended_after{};
  bool ended = false;
};

Outcome run(Attack& attack, const bench::BrokerProcess& broker, io::Loop& loop, HostileClient& client) {
  const io::Clock& clock = loop.clock();
  const std::uint64_t before = broker.resident_bytes();
  std::uint64_t most = before;
  const MonoTime began = clock.now();
  Outcome outcome;
  while (!client.close() && clock.now() < began + kPatience) {
    for (int i = 0; i < 16; ++i) {
      const std::string packet = attack.next(client);
      if (packet.empty() || !client.send(packet)) break;
      ++outcome.packets;
    }
    loop.turn(clock.now() + std::chrono::milliseconds(1));
    most = std::max(most, broker.resident_bytes());
  }
  outcome.ended = client.close().has_value();
  outcome.ended_after = clock.now() - began;
  outcome.grown_bytes = most - before;
  return outcome;
}

}  // namespace

TEST_CASE("T20 frames that no honest client sends cost next to nothing") {
  const auto broker = bench::BrokerProcess::start(FELIX_COMMAND, {}).value();
  const io::SystemClock clock;
  const auto loop = io::Loop::create(clock).value();
  bool all_passed = true;
  for (Attack& attack : attacks()) {
    test::Verdict verdict("T20 " + attack.name);
    HostileClient client(*loop, test::address_of(*broker), test::tls_session_with(*broker));
    REQUIRE(loop->run_until([&] { return client.ready(); }, clock.now() + std::chrono::seconds(10)));
    const Outcome outcome = run(attack, *broker, *loop, client);
    verdict.figure("packets", outcome.packets).figure("rss_growth_kib", outcome.grown_bytes / 1024);
    verdict.figure("bytes_back", client.received_bytes());
    if (outcome.ended) {
      verdict.figure("ended_after_ms",
                     std::chrono::duration<double, std::milli>(outcome.ended_after).count());
      verdict.figure("code", client.close()->code);
    }
    const bool passed = outcome.grown_bytes <= kAllowedBytes &&
                        (!attack.must_end || (outcome.ended && outcome.ended_after < kAllowedTime));
    all_passed = verdict.print(passed) && all_passed;
  }
  REQUIRE(all_passed);
}
