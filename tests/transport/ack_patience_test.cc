#include "transport/ack_patience.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>

#include "transport/loopback.h"

using namespace felix;
using namespace std::chrono_literals;
using test::Loopback;
using transport::AckPatience;

namespace {

constexpr Duration kPromised = 2ms;
constexpr Duration kPatience = 1500us;

MonoTime at(Duration since_start) { return MonoTime{} + 1s + since_start; }

}  // namespace

TEST_CASE("a lone packet's acknowledgement waits within what the peer was promised") {
  AckPatience patience(kPromised);
  patience.note_received(at(0us), true);
  CHECK(patience.deadline(at(20us)) == at(kPatience));
  SECTION("but never holds back what is due later") { CHECK(patience.deadline(at(1800us)) == at(1800us)); }
  SECTION("and was carried by a packet that left late enough") {
    patience.note_sent(at(30us), 20us, 80us);
    CHECK(patience.deadline(at(40us)) == at(40us));
  }
  SECTION("but not by one that left at once") {
    patience.note_sent(at(0us), 20us, 80us);
    CHECK(patience.deadline(at(20us)) == at(kPatience));
  }
}

TEST_CASE("a fourth data packet is not made to wait, packets without data do not count") {
  AckPatience patience(kPromised);
  for (int i = 0; i < 3; ++i) {
    patience.note_received(at(i * 10us), true);
    patience.note_received(at(i * 10us), false);
  }
  CHECK(patience.holds(at(25us)));
  CHECK(patience.deadline(at(26us)) == at(kPatience));
  patience.note_received(at(30us), true);
  CHECK_FALSE(patience.holds(at(30us)));
  CHECK(patience.deadline(at(35us)) == at(35us));
}

TEST_CASE("on a path longer than one through a rack nothing is made to wait") {
  AckPatience patience(kPromised);
  patience.note_sent(at(0us), 250us, 2ms);
  patience.note_received(at(10us), true);
  CHECK_FALSE(patience.holds(at(10us)));
  CHECK(patience.deadline(at(260us)) == at(260us));
  patience.note_sent(at(300us), 20us, 900us);
  patience.note_received(at(310us), true);
  CHECK(patience.holds(at(310us)));
}

TEST_CASE("a search for the path's size is answered at once") {
  AckPatience patience(kPromised);
  patience.note_probe(at(0us));
  CHECK_FALSE(patience.holds(at(0us)));
  CHECK(patience.deadline(at(20us)) == at(20us));
}

TEST_CASE("what waits for nothing does not shorten the next packet's patience") {
  AckPatience patience(kPromised);
  patience.note_received(at(0us), false);
  patience.note_received(at(5000us), true);
  CHECK(patience.deadline(at(5020us)) == at(5000us + kPatience));
}

TEST_CASE("requests and answers one by one cost two packets each, and no acknowledgements beside them") {
  constexpr int kExchanges = 50;
  Loopback net;
  auto& connection = net.connect();
  net.until([&] { return net.client_ready && net.server_ready; });
  transport::Channel* channel = connection.open_bidi();
  REQUIRE(channel != nullptr);
  test::Heard& answers = net.listen(*channel);
  auto exchange = [&](std::size_t number) {
    channel->write({}, flow::Slice::copy_of(as_bytes("?")));
    net.until([&] { return !net.at_server.empty() && net.at_server.begin()->second.bytes.size() == number; });
    net.at_server.begin()->second.channel->write({}, flow::Slice::copy_of(as_bytes("!")));
    net.until([&] { return answers.bytes.size() == number; });
  };
  std::size_t done = 0;
  // What the handshake and the search for the path's size leave behind.
  while (done < 50) exchange(++done);
  auto packets = [&] {
    return net.client->counters().datagrams_sent + net.server->counters().datagrams_sent;
  };
  // On a busy machine a patience runs out now and then; the best of some rounds is what the rule costs.
  constexpr std::uint64_t kAllowed = 2 * kExchanges + kExchanges / 10;
  std::uint64_t best = UINT64_MAX;
  for (int round = 0; round < 100 && best > kAllowed; ++round) {
    const std::uint64_t before = packets();
    for (int i = 0; i < kExchanges; ++i) exchange(++done);
    best = std::min(best, packets() - before);
  }
  CHECK(best <= kAllowed);
}
