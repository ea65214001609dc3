// A system that refuses to send: batches, single datagrams, sizes, now and then or for good.

#include <algorithm>
#include <cstring>
#include <errno.h>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "io/udp_socket.h"

using namespace felix;
using felix::io::Address;
using felix::io::UdpOptions;
using felix::io::UdpSocket;

namespace {

constexpr std::size_t kSegment = 1200;

struct Attempt {
  std::size_t bytes;
  std::size_t segment_bytes;
};

// A sender whose sends are counted and refused as a test asks, and who receives them.
struct Refusing {
  explicit Refusing(std::function<int(std::size_t, std::size_t)> refuse = [](auto...) { return 0; }) {
    UdpOptions options;
    options.refuse_send = [this, refuse = std::move(refuse)](std::size_t bytes, std::size_t segment_bytes) {
      attempts.push_back({bytes, segment_bytes});
      return refuse(bytes, segment_bytes);
    };
    const Address any = *Address::parse("127.0.0.1:0");
    sender = std::move(*UdpSocket::bind(any, options));
    receiver = std::move(*UdpSocket::bind(any, {}));
  }

  UdpSocket::Sent send(std::size_t datagrams, std::size_t segment_bytes = kSegment) {
    std::vector<std::byte> bytes(datagrams * segment_bytes);
    for (std::size_t i = 0; i < datagrams; ++i)
      std::memset(bytes.data() + i * segment_bytes, static_cast<int>(next++), segment_bytes);
    std::size_t sent_bytes = 0;
    const auto outcome = sender->send(receiver->local(), 0, bytes, segment_bytes, sent_bytes);
    sent += sent_bytes / segment_bytes;
    return outcome;
  }
  // How many arrived since the last call; each must be whole, and in order behind those before it.
  std::size_t arrived() {
    std::size_t count = 0;
    const auto take = [&](const io::Datagram& datagram) {
      const std::byte first = datagram.bytes[0];
      CHECK(std::ranges::all_of(datagram.bytes, [&](std::byte b) { return b == first; }));
      CHECK(static_cast<std::int8_t>(std::to_integer<std::uint8_t>(first) - newest) > 0);
      newest = std::to_integer<std::uint8_t>(first);
      ++count;
    };
    while (receiver->receive(64, take) > 0) {
    }
    return count;
  }

  std::vector<Attempt> attempts;
  std::unique_ptr<UdpSocket> sender, receiver;
  std::size_t sent = 0;  // datagrams, as send() says
  std::uint8_t next = 1;
  std::uint8_t newest = 0;
};

}  // namespace

TEST_CASE("A batch that is refused goes datagram by datagram at once, and none of it is lost", "[L-80]") {
  const int refusal = GENERATE(EMSGSIZE, EINVAL, EIO, ENOBUFS);
  CAPTURE(refusal);
  Refusing net([=](std::size_t, std::size_t segment_bytes) { return segment_bytes > 0 ? refusal : 0; });
  CHECK(net.send(40) == UdpSocket::Sent::all);
  CHECK(net.sent == 40);
  CHECK(net.arrived() == 40);
  CHECK(net.attempts.size() == 41);
  CHECK_FALSE(net.sender->batches_sends());
}

TEST_CASE("Batches are tried again after 4096 datagrams, and stay when they pass", "[L-80]") {
  const int refusal = GENERATE(EMSGSIZE, EINVAL, EIO, ENOBUFS);
  CAPTURE(refusal);
  bool refusing = true;
  Refusing net(
      [&](std::size_t, std::size_t segment_bytes) { return refusing && segment_bytes > 0 ? refusal : 0; });
  const auto batches = [&] {
    return std::ranges::count_if(net.attempts, [](const Attempt& a) { return a.segment_bytes > 0; });
  };
  // Refused for good: one attempt in 4096 datagrams is all it costs.
  for (int i = 0; i < 3 * 4096 / 32; ++i) {
    CHECK(net.send(32) == UdpSocket::Sent::all);
    CHECK(net.arrived() == 32);
  }
  CHECK(batches() == 3);
  refusing = false;
  CHECK(net.send(32) == UdpSocket::Sent::all);
  CHECK(net.arrived() == 32);
  CHECK(batches() == 4);
  CHECK(net.attempts.back().bytes == 32 * kSegment);
  CHECK(net.sender->batches_sends());
}

TEST_CASE("A batch that is refused after others passed repeats nothing", "[L-80]") {
  int batches = 0;
  Refusing net([&](std::size_t, std::size_t segment_bytes) {
    return segment_bytes > 0 && ++batches == 2 ? EMSGSIZE : 0;
  });
  CHECK(net.send(150) == UdpSocket::Sent::all);  // 54 fill a batch
  CHECK(net.arrived() == 150);
}

TEST_CASE("A single datagram without memory is lost like one in the network, and those behind it go on") {
  int singles = 0;
  Refusing net([&](std::size_t, std::size_t segment_bytes) {
    if (segment_bytes > 0) return ENOBUFS;
    return ++singles % 4 == 0 ? ENOBUFS : 0;
  });
  CHECK(net.send(40) == UdpSocket::Sent::all);
  CHECK(net.sent == 40);
  CHECK(net.arrived() == 30);
}

TEST_CASE("A full socket stops in a batch or behind it where it stood, and goes on there") {
  const std::size_t passes = GENERATE(0u, 1u, 7u);
  std::size_t calls = 0;
  Refusing net([&](std::size_t, std::size_t segment_bytes) {
    if (segment_bytes > 0) return EIO;
    return calls++ == passes ? EAGAIN : 0;
  });
  CHECK(net.send(40) == UdpSocket::Sent::blocked);
  CHECK(net.sent == passes);
  CHECK(net.arrived() == passes);
}

TEST_CASE("A size that does not go alone either says nothing about batches") {
  Refusing net([](std::size_t bytes, std::size_t segment_bytes) {
    if (segment_bytes > 1400) return EINVAL;
    return segment_bytes == 0 && bytes > 1400 ? EMSGSIZE : 0;
  });
  CHECK(net.send(10, 1452) == UdpSocket::Sent::refused);
  CHECK(net.sent == 0);
  CHECK(net.sender->batches_sends());
  CHECK(net.send(10, 1400) == UdpSocket::Sent::all);
  CHECK(net.sender->batches_sends());
}

TEST_CASE("No batch is larger than a UDP datagram may be, whatever its segments", "[L-80]") {
  Refusing net;
  for (const std::size_t segment :
       {1200u, 1452u, 6553u, 6554u, 8900u, 9000u, 16'250u, 16'336u, 32'753u, 65'507u}) {
    CAPTURE(segment);
    CHECK(net.send(10, segment) == UdpSocket::Sent::all);
    net.arrived();
  }
  for (const Attempt& attempt : net.attempts) {
    CHECK(attempt.bytes <= 65'507);
    CHECK(attempt.bytes <= 64 * std::max<std::size_t>(attempt.segment_bytes, 65'507));
  }
  CHECK(net.sender->batches_sends());
}
