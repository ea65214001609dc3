// A system that refuses trains of packets, sizes, or now and then whatever it is asked: what is sent arrives,
// at the price of a repetition at most.

#include <errno.h>
#include <random>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "support/seed.h"
#include "transport/loopback.h"

using namespace felix;
using test::Loopback;
using test::LoopbackOptions;

namespace {

constexpr std::size_t kPiece = 1 << 20;

// A client whose sends may be refused.
struct Sender {
  explicit Sender(std::function<int(std::size_t bytes, std::size_t segment_bytes)> refuse)
      : net(with(std::move(refuse))) {
    connection = &net.connect();
    net.until([&] { return net.client_ready; });
    channel = connection->open_uni();
  }
  static LoopbackOptions with(std::function<int(std::size_t, std::size_t)> refuse) {
    LoopbackOptions options;
    options.client_udp.refuse_send = std::move(refuse);
    return options;
  }
  void send(std::size_t bytes) {
    std::string text(bytes, '\0');
    for (char& c : text) c = static_cast<char>(random());
    sent += text;
    channel->write({}, flow::Slice::copy_of(as_bytes(text)));
    auto& received = net.at_server[channel->id()].bytes;
    net.until([&] { return received.size() == sent.size() && channel->queued_bytes() == 0; });
    CHECK(received == sent);
  }

  Loopback net;
  std::mt19937_64 random{test::seed()};
  transport::Connection* connection = nullptr;
  transport::Channel* channel = nullptr;
  std::string sent;
};

}  // namespace

TEST_CASE("trains that are refused go packet by packet and later as trains again, and none is repeated",
          "[L-80]") {
  const int refusal = GENERATE(EMSGSIZE, EINVAL, EIO, ENOBUFS);
  CAPTURE(refusal, test::seed());
  std::uint64_t refused = 0, trains = 0;
  bool refusing = false;
  Sender sender([&](std::size_t, std::size_t segment_bytes) {
    if (segment_bytes == 0) return 0;
    if (refusing) return ++refused, refusal;
    return ++trains, 0;
  });
  sender.send(kPiece);
  CHECK(trains > 0);
  refusing = true;
  const std::uint64_t before = sender.net.client->counters().bytes_sent;
  sender.send(4 * kPiece);
  CHECK(refused == 1);
  // Headers and acknowledgements; no packet twice.
  CHECK(sender.net.client->counters().bytes_sent - before < 4 * kPiece * 21 / 20);
  refusing = false;
  trains = 0;
  while (trains == 0 && sender.sent.size() < 200 * kPiece) sender.send(4 * kPiece);
  CHECK(trains > 0);
  CHECK(sender.connection->mtu() == 16250);
}

TEST_CASE("a system that refuses anything at random costs repetitions, and nothing is lost or stalls") {
  const std::uint64_t seed = test::seed();
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  std::uint64_t refused = 0;
  Sender sender([&](std::size_t, std::size_t) {
    constexpr int kRefusals[] = {EMSGSIZE, EINVAL, EIO, ENOBUFS, ENOMEM, EPERM, EAGAIN};
    if (random() % 20 != 0) return 0;
    return ++refused, kRefusals[random() % std::size(kRefusals)];
  });
  for (int i = 0; i < 5; ++i) sender.send(kPiece);
  CHECK(refused > 0);
}

TEST_CASE("a route of this host that comes to carry less is noticed, and trains go on at its size") {
  bool shrunk = false;
  std::uint64_t trains = 0;
  Sender sender([&](std::size_t bytes, std::size_t segment_bytes) {
    if (shrunk && segment_bytes == 0 && bytes > 1452) return EMSGSIZE;
    if (shrunk && segment_bytes > 1452) return EINVAL;
    if (segment_bytes > 0) ++trains;
    return 0;
  });
  // A slow machine needs more than one for its search.
  for (int i = 0; i < 50 && sender.connection->mtu() < 16250; ++i) sender.send(kPiece);
  CHECK(sender.connection->mtu() == 16250);
  shrunk = true;
  trains = 0;
  sender.send(kPiece);
  sender.send(kPiece);
  CHECK(trains > 0);
}
