#include "io/udp_socket.h"

#include <algorithm>
#include <netinet/udp.h>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

using namespace felix;
using felix::io::Address;
using felix::io::Datagram;
using felix::io::UdpOptions;
using felix::io::UdpSocket;

namespace {

std::unique_ptr<UdpSocket> bound(std::string_view text) {
  auto socket = UdpSocket::bind(*Address::parse(text), {});
  REQUIRE(socket);
  return std::move(*socket);
}

struct Got {
  std::vector<std::byte> bytes;
  Address from;
  std::uint8_t ecn;
};

// Loopback delivers before send returns; poll covers a kernel that does not.
std::vector<Got> receive(UdpSocket& socket, std::size_t count) {
  std::vector<Got> got;
  while (got.size() < count) {
    pollfd waiting{.fd = socket.fd(), .events = POLLIN, .revents = 0};
    if (poll(&waiting, 1, 2000) != 1) break;
    socket.receive(64, [&](const Datagram& datagram) {
      got.push_back({{datagram.bytes.begin(), datagram.bytes.end()}, datagram.from, datagram.ecn});
    });
  }
  return got;
}

std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>(i * 31 + i / 251);
  return bytes;
}

// The kernel refuses to cut batches for a socket that computes no checksums: a refusal on demand.
void compute_checksums(UdpSocket& sender, UdpSocket& receiver, bool on) {
  const int off = on ? 0 : 1;
  const auto set = [off](UdpSocket& socket, int level, int name) {
    REQUIRE(setsockopt(socket.fd(), level, name, &off, sizeof(off)) == 0);
  };
  if (sender.local().family() == AF_INET) {
    set(sender, SOL_SOCKET, SO_NO_CHECK);
  } else {
    set(sender, IPPROTO_UDP, UDP_NO_CHECK6_TX);
    set(receiver, IPPROTO_UDP, UDP_NO_CHECK6_RX);
  }
}

// What `bytes` cut into `segment_bytes` looks like at the receiver.
void check_segments(const std::vector<Got>& got, Bytes bytes, std::size_t segment_bytes) {
  REQUIRE(got.size() == (bytes.size() + segment_bytes - 1) / segment_bytes);
  for (std::size_t i = 0; i < got.size(); ++i) {
    const Bytes expected =
        bytes.subspan(i * segment_bytes, std::min(segment_bytes, bytes.size() - i * segment_bytes));
    REQUIRE(std::ranges::equal(got[i].bytes, expected));
  }
}

}  // namespace

TEST_CASE("A batch arrives as the datagrams it was made of, whichever way it crossed the kernel") {
  const bool offload = GENERATE(true, false);
  const std::string_view any = GENERATE("127.0.0.1:0", "[::1]:0");
  const auto sender = bound(any);
  const auto receiver = bound(any);
  if (!offload) compute_checksums(*sender, *receiver, false);
  for (const std::size_t size : {1u, 1200u, 1201u, 12'000u, 12'345u, 64u * 1200u}) {
    CAPTURE(offload, any, size);
    const auto bytes = pattern(size);
    std::size_t sent = 0;
    CHECK(sender->send(receiver->local(), 2, bytes, 1200, sent) == UdpSocket::Sent::all);
    CHECK(sent == size);
    const auto got = receive(*receiver, (size + 1199) / 1200);
    check_segments(got, bytes, 1200);
    CHECK(got.front().ecn == 2);
    CHECK(got.back().ecn == 2);
    CHECK(got.front().from == sender->local());
  }
  CHECK(sender->batches_sends() == offload);
}

TEST_CASE("Batches stay below what one UDP datagram may hold, however large the segments", "[L-80]") {
  const auto sender = bound("127.0.0.1:0");
  const auto receiver = bound("127.0.0.1:0");
  // Segment × count passes 65,507 for every one of these.
  for (const std::size_t segment : {1500u, 6553u, 8972u, 9000u, 16'336u, 40'000u, 65'507u}) {
    CAPTURE(segment);
    const auto bytes = pattern(segment * 10 + 17);
    std::size_t sent = 0;
    CHECK(sender->send(receiver->local(), 0, bytes, segment, sent) == UdpSocket::Sent::all);
    CHECK(sent == bytes.size());
    check_segments(receive(*receiver, 11), bytes, segment);
  }
  CHECK(sender->batches_sends());
}

TEST_CASE("More than 64 small segments go in several batches") {
  const auto sender = bound("127.0.0.1:0");
  const auto receiver = bound("127.0.0.1:0");
  const auto bytes = pattern(300 * 50);
  std::size_t sent = 0;
  CHECK(sender->send(receiver->local(), 0, bytes, 50, sent) == UdpSocket::Sent::all);
  check_segments(receive(*receiver, 300), bytes, 50);
  CHECK(sender->batches_sends());
}

TEST_CASE("After a refused batch datagrams go alone, and later batches are tried again") {
  const auto sender = bound("127.0.0.1:0");
  const auto receiver = bound("127.0.0.1:0");
  compute_checksums(*sender, *receiver, false);
  const auto bytes = pattern(20);
  std::size_t sent = 0;
  CHECK(sender->send(receiver->local(), 0, bytes, 10, sent) == UdpSocket::Sent::all);
  CHECK_FALSE(sender->batches_sends());
  compute_checksums(*sender, *receiver, true);
  std::size_t datagrams = 2;
  while (!sender->batches_sends() && datagrams < 100'000) {
    sender->send(receiver->local(), 0, bytes, 10, sent);
    receiver->receive(64, [](const Datagram&) {});
    datagrams += 2;
  }
  CHECK(sender->batches_sends());
  CHECK(datagrams == 4096);
}

TEST_CASE("A datagram larger than any path is refused, and what went before it is counted") {
  const auto sender = bound("127.0.0.1:0");
  const auto receiver = bound("127.0.0.1:0");
  std::size_t sent = 1;
  CHECK(sender->send(receiver->local(), 0, pattern(65'508), 65'508, sent) == UdpSocket::Sent::refused);
  CHECK(sent == 0);
}

TEST_CASE("A peer that is not there costs nothing but the datagrams") {
  const auto sender = bound("127.0.0.1:0");
  const Address nobody = bound("127.0.0.1:0")->local();
  for (int i = 0; i < 5; ++i) {
    std::size_t sent = 0;
    CHECK(sender->send(nobody, 0, pattern(2400), 1200, sent) == UdpSocket::Sent::all);
    CHECK(sender->receive(64, [](const Datagram&) {}) == 0);
  }
}

TEST_CASE("receive() stops at its limit but never inside a train") {
  const auto sender = bound("127.0.0.1:0");
  const auto receiver = bound("127.0.0.1:0");
  std::size_t sent = 0;
  for (int i = 0; i < 10; ++i) sender->send(receiver->local(), 0, pattern(100), 100, sent);
  const auto ignore = [](const Datagram&) {};
  CHECK(receiver->receive(4, ignore) == 4);
  CHECK(receiver->receive(4, ignore) == 4);
  CHECK(receiver->receive(4, ignore) == 2);
  CHECK(receiver->receive(4, ignore) == 0);
  for (int i = 0; i < 10; ++i) sender->send(receiver->local(), 0, pattern(1000), 100, sent);
  std::size_t total = 0;
  while (const std::size_t count = receiver->receive(20, ignore)) total += count;
  CHECK(total == 100);
}

TEST_CASE("receive() stops at a bound of bytes, too, and leaves the rest for the next call") {
  const auto receiver = bound("127.0.0.1:0");
  const auto sender = bound("127.0.0.1:0");
  constexpr std::size_t kDatagramBytes = 16250;
  constexpr std::size_t kDatagrams = 128;
  if (receiver->granted_buffers().receive_bytes < 3 * kDatagramBytes * kDatagrams)
    SKIP("the kernel grants too small a receive buffer");
  const std::vector<std::byte> bytes = pattern(kDatagramBytes);
  for (std::size_t i = 0; i < kDatagrams; ++i) {
    std::size_t sent = 0;
    REQUIRE(sender->send(receiver->local(), 0, bytes, kDatagramBytes, sent) == UdpSocket::Sent::all);
  }
  std::size_t received = 0;
  for (std::size_t calls = 0; received < kDatagrams; ++calls) {
    REQUIRE(calls < kDatagrams);
    std::size_t total = 0;
    const std::size_t count =
        receiver->receive(256, [&](const Datagram& datagram) { total += datagram.bytes.size(); });
    // A full ring of 16 slots may follow the bound's last byte.
    CHECK(total < (std::size_t{2} << 20));
    CHECK(total == count * kDatagramBytes);
    received += count;
    if (calls == 0) CHECK(received < kDatagrams);
  }
  CHECK(received == kDatagrams);
}

TEST_CASE("An empty datagram is a datagram") {
  const auto sender = bound("127.0.0.1:0");
  const auto receiver = bound("127.0.0.1:0");
  REQUIRE(sendto(sender->fd(), "", 0, 0, receiver->local().raw(), receiver->local().length()) == 0);
  const auto got = receive(*receiver, 1);
  REQUIRE(got.size() == 1);
  CHECK(got[0].bytes.empty());
}

TEST_CASE("A socket bound to [::] is reached over IPv4 too, and answers there with its ECN mark") {
  const auto server = bound("[::]:0");
  const auto client = bound("127.0.0.1:0");
  Address to = client->local();
  to.set_port(server->local().port());
  std::size_t sent = 0;
  CHECK(client->send(to, 1, pattern(3000), 1000, sent) == UdpSocket::Sent::all);
  const auto asked = receive(*server, 3);
  check_segments(asked, pattern(3000), 1000);
  CHECK(asked[0].ecn == 1);
  CHECK(asked[0].from.host_string() == "127.0.0.1");
  CHECK(server->send(asked[0].from, 2, pattern(3000), 1000, sent) == UdpSocket::Sent::all);
  const auto answered = receive(*client, 3);
  check_segments(answered, pattern(3000), 1000);
  CHECK(answered[0].ecn == 2);
}

TEST_CASE("A port in use is reported with its address and what to do") {
  const auto first = bound("127.0.0.1:0");
  const auto second = UdpSocket::bind(first->local(), {});
  REQUIRE_FALSE(second);
  CHECK(second.error().code == Errc::unavailable);
  CHECK(second.error().context.find(first->local().to_string()) != std::string::npos);
  CHECK(second.error().context.find("choose another port") != std::string::npos);
}

TEST_CASE("An address of no interface is refused") {
  const auto socket = UdpSocket::bind(*Address::parse("192.0.2.1:0"), {});
  REQUIRE_FALSE(socket);
  CHECK(socket.error().context.find("no interface") != std::string::npos);
}
