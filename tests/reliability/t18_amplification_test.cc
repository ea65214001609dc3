// T18: an address that proved nothing is sent at most three times what it sent (RFC 9000 section 8), in
// whatever way an answer was asked for in its name.

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "hostile/frames.h"
#include "hostile/hostile_client.h"
#include "hostile/initials.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/udp_socket.h"
#include "reliability/broker_peer.h"
#include "reliability/verdict.h"

using namespace felix;
using test::Initials;

namespace {

constexpr double kAllowed = 3.0;
constexpr int kVictims = 20;  // of each shape

// Somebody in whose name packets are sent, and who only counts what that brings.
struct Victim {
  std::unique_ptr<io::UdpSocket> socket;
  std::uint64_t asked = 0;
  std::uint64_t answered = 0;
  std::string destination;  // of its first packet

  explicit Victim(int number)
      : socket(io::UdpSocket::bind(io::Address::parse("127.18." + std::to_string(number / 250) + "." +
                                                      std::to_string(1 + number % 250) + ":0")
                                       .value(),
                                   {.buffers = {1 << 18, 1 << 18}})
                   .value()) {}
  void ask(const io::Address& broker, const std::string& datagram) {
    std::size_t sent = 0;
    socket->send(broker, 0, as_bytes(datagram), datagram.size(), sent);
    asked += sent;
  }
  void count() {
    while (socket->receive(256, [this](const io::Datagram& d) { answered += d.bytes.size(); }) > 0) {
    }
  }
  double ratio() const { return static_cast<double>(answered) / static_cast<double>(asked); }
};

struct Shape {
  using Ask = std::function<void(Victim&)>;
  // What is sent in the victim's name at first, and what a moment later.
  Shape(
      std::string n, Ask b, Ask g = [](Victim&) {})
      : name(std::move(n)), begin(std::move(b)), go_on(std::move(g)) {}
  std::string name;
  Ask begin;
  Ask go_on;
  std::vector<Victim> victims;
};

std::string long_header(unsigned first, std::string_view version, std::string_view destination) {
  std::string packet(1, static_cast<char>(first));
  packet += version;
  packet.push_back(static_cast<char>(destination.size()));
  packet += destination;
  packet.push_back(8);
  packet += "attacker";
  return packet;
}

std::string padded(std::string packet, std::size_t bytes) {
  packet.resize(bytes, 'x');
  return packet;
}

}  // namespace

TEST_CASE("T18 an unproven address is sent at most three times what it sent") {
  test::Verdict verdict("T18 amplification");
  const auto broker = bench::BrokerProcess::start(FELIX_COMMAND, {"--tls-require-alpn", "true"}).value();
  const io::Address address = test::address_of(*broker);
  Initials hello(test::tls_session_with(*broker, {"felix/1"}));
  Initials refused(test::tls_session_with(*broker, {"somethingelse/1"}));

  std::vector<Shape> shapes;
  shapes.push_back({"hello", [&](Victim& v) { v.ask(address, hello.next()); }});
  // More for the same connection, in small pieces; also for one that was refused and may repeat its last
  // words.
  const Shape::Ask scraps = [&](Victim& v) {
    for (int i = 0; i < 100; ++i)
      v.ask(address, padded(long_header(0xe3, {"\0\0\0\1", 4}, v.destination), 40));
  };
  const auto begin = [&](Initials& initials) {
    return [&](Victim& v) {
      v.ask(address, initials.next());
      v.destination = initials.destination();
    };
  };
  shapes.push_back({"hello_then_scraps", begin(hello), scraps});
  shapes.push_back({"refused_then_scraps", begin(refused), scraps});
  shapes.push_back(
      {"undecryptable", [&](Victim& v) {
         v.ask(address,
               padded(long_header(0xc3, {"\0\0\0\1", 4}, "12345678") + std::string("\0\x44\x00", 3), 1200));
       }});
  shapes.push_back({"no_hello", [&](Victim& v) { v.ask(address, hello.next_with(test::frames::ping())); }});
  shapes.push_back(
      {"short_initial", [&](Victim& v) { v.ask(address, hello.next_with(test::frames::ping(), 1199)); }});
  shapes.push_back(
      {"bad_token", [&](Victim& v) { v.ask(address, hello.next("\xb7" + std::string(60, 'f'))); }});
  shapes.push_back({"other_version", [&](Victim& v) {
                      v.ask(address, padded(long_header(0xc3, "\x0a\x0a\x0a\x0a", "12345678"), 1200));
                    }});
  for (const std::size_t size : {22, 30, 43, 1200}) {
    shapes.push_back({"short_header_" + std::to_string(size), [&, size](Victim& v) {
                        for (int i = 0; i < 20; ++i) v.ask(address, padded("\x43unknown-conn-id!", size));
                      }});
  }

  // A client that is connected sends a packet in the victim's name: the broker asks there whether it moved.
  const io::SystemClock clock;
  const auto loop = io::Loop::create(clock).value();
  test::HostileClient mover(*loop, address, test::tls_session_with(*broker, {"felix/1"}));
  REQUIRE(loop->run_until([&] { return mover.ready(); }, clock.now() + std::chrono::seconds(10)));
  shapes.push_back({"moved", [&](Victim& v) { v.ask(address, mover.seal(test::frames::ping())); }});

  int number = 0;
  for (Shape& shape : shapes) {
    for (int i = 0; i < kVictims; ++i) shape.victims.emplace_back(number++);
    for (Victim& victim : shape.victims) shape.begin(victim);
  }
  const auto wait = [&](Duration time) { loop->run_until([] { return false; }, clock.now() + time); };
  wait(std::chrono::milliseconds(50));  // less than a closed connection repeats its last words
  for (Shape& shape : shapes) {
    for (Victim& victim : shape.victims) shape.go_on(victim);
  }
  // Handshakes that hear nothing repeat themselves: after one second, two, four.
  wait(test::load_time(std::chrono::seconds(4)));

  double worst = 0;
  std::uint64_t in = 0, out = 0;
  for (Shape& shape : shapes) {
    double worst_of_shape = 0;
    for (Victim& victim : shape.victims) {
      victim.count();
      in += victim.asked;
      out += victim.answered;
      worst_of_shape = std::max(worst_of_shape, victim.ratio());
    }
    verdict.figure(shape.name, worst_of_shape);
    worst = std::max(worst, worst_of_shape);
  }
  verdict.figure("bytes_in", in).figure("bytes_out", out).figure("worst_ratio", worst);
  REQUIRE(verdict.print(worst <= kAllowed && out > 0));
}
