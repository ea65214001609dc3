// Whatever crosses the wire, the server stands, keeps no more connections than peers that spoke, and serves
// the next client. Input: a program for what happens to each datagram between a real client and the server,
// both ways.

#include <algorithm>
#include <string>

#include "crypto/pki.h"
#include "crypto/random.h"
#include "crypto/tls_context.h"
#include "fuzz/fuzz.h"
#include "io/clock.h"
#include "io/loop.h"
#include "io/udp_socket.h"
#include "transport/endpoint.h"

namespace {

using namespace felix;

constexpr Duration kSilence = std::chrono::milliseconds(2);
constexpr Duration kHandshakeAtMost = std::chrono::seconds(4);
constexpr int kDatagramsAtMost = 64;
constexpr std::size_t kSmallestInitial = 1200;

const io::SystemClock& clock() {
  static const io::SystemClock one;
  return one;
}

struct Identities {
  std::shared_ptr<const crypto::TlsServerContext> server;
  std::shared_ptr<const crypto::TlsClientContext> client;

  Identities() {
    const auto validity = crypto::validity_from(clock().wall_now(), std::chrono::hours(24));
    const auto ca = crypto::generate_ca("fuzz authority", validity).value();
    crypto::TlsServerOptions server_options;
    server_options.identity = crypto::issue_server_certificate(ca, {{"localhost"}, {}}, validity).value();
    server = crypto::TlsServerContext::create(server_options, clock().wall_now()).value();
    crypto::TlsClientOptions client_options;
    client_options.ca = ca.certificate_chain;
    client_options.server_name = "localhost";
    client = crypto::TlsClientContext::create(client_options, clock().wall_now()).value();
  }
};
const Identities& identities() {
  static const Identities made;
  return made;
}

using Datagram = std::vector<std::byte>;

// What becomes of a datagram; the end of the program lets everything pass.
class Program {
 public:
  explicit Program(Bytes bytes) : rest_(bytes) {}

  std::vector<Datagram> apply(Bytes crossing) {
    Datagram datagram(crossing.begin(), crossing.end());
    switch (rest_.u8() % 8) {
      case 1:  // lost
        return {};
      case 2: {  // bits flipped
        const std::size_t at = rest_.u16() % datagram.size();
        datagram[at] ^= static_cast<std::byte>(rest_.u8());
        return {datagram};
      }
      case 3:  // cut
        datagram.resize(rest_.u16() % (datagram.size() + 1));
        return {datagram};
      case 4:  // twice
        return {datagram, datagram};
      case 5:  // behind another
        return {raw(0), datagram};
      case 6:  // replaced by one long enough to be an Initial
        return {raw(kSmallestInitial)};
      case 7: {  // with another packet in the same datagram
        const Datagram more = raw(0);
        datagram.insert(datagram.end(), more.begin(), more.end());
        return {datagram};
      }
      default:
        return {datagram};
    }
  }

 private:
  Datagram raw(std::size_t at_least) {
    const Bytes taken = rest_.take(std::min<std::size_t>(rest_.u8(), rest_.remaining()));
    Datagram made(taken.begin(), taken.end());
    made.resize(std::max(made.size(), at_least));
    return made;
  }
  ByteReader rest_;
};

class Bed {
 public:
  explicit Bed(Bytes program) : program_(program) {
    transport::ListenOptions listen;
    listen.udp = udp_;
    listen.handshakes.prove_from = 2;
    listen.tls = [] { return identities().server; };
    crypto::random_bytes(listen.secrets.stateless_reset);
    crypto::random_bytes(listen.secrets.address_token);
    server_ = transport::Endpoint::listen(*loop_, any_port(), std::move(listen)).value();
  }

  // A client's handshake over the wire as the program has it, until it is through or silent.
  void meet_trouble() {
    connect();
    for (int before = -1; before != crossed_ && crossed_ < kDatagramsAtMost && !over_;) {
      before = crossed_;
      loop_->run_until([&] { return over_; }, clock().now() + kSilence);
    }
    FELIX_ASSERT(server_->connection_count() <= static_cast<std::size_t>(crossed_) + 1);
  }
  // The wire is good from here on.
  void serve_the_next_client() {
    program_ = Program({});
    over_ = ready_ = false;
    client_.reset();
    connect();
    FELIX_ASSERT(loop_->run_until([&] { return over_; }, clock().now() + kHandshakeAtMost) && ready_);
  }

 private:
  static io::Address any_port() { return io::Address::parse("127.0.0.1:0").value(); }

  void connect() {
    client_ = transport::Endpoint::client(*loop_, AF_INET, udp_).value();
    transport::ConnectionEvents events;
    events.on_ready = [this] { over_ = ready_ = true; };
    events.on_closed = [this](const transport::CloseReason&) { over_ = true; };
    (void)client_->connect(wire_->local(), {{}, identities().client}, std::move(events)).value();
  }
  void carry() {
    wire_->receive(16, [this](const io::Datagram& datagram) {
      ++crossed_;
      const bool from_server = datagram.from == server_->local();
      if (!from_server) client_address_ = datagram.from;
      for (const Datagram& one : program_.apply(datagram.bytes)) {
        if (!from_server) {
          server_->inject(one, wire_->local());
        } else {
          std::size_t sent = 0;
          if (!one.empty()) wire_->send(client_address_, 0, one, one.size(), sent);
        }
      }
    });
  }

  const io::UdpOptions udp_{.buffers = {256 << 10, 256 << 10}};
  Program program_;
  std::unique_ptr<io::Loop> loop_ = io::Loop::create(clock()).value();
  std::unique_ptr<io::UdpSocket> wire_ = io::UdpSocket::bind(any_port(), udp_).value();
  io::Watch watch_{*loop_, wire_->fd(), io::Watch::readable, [this](std::uint32_t) { carry(); }};
  std::unique_ptr<transport::Endpoint> server_;
  std::unique_ptr<transport::Endpoint> client_;
  io::Address client_address_;
  int crossed_ = 0;
  bool over_ = false;
  bool ready_ = false;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Bed bed(fuzz::input(data, size));
  bed.meet_trouble();
  bed.serve_the_next_client();
  return 0;
}
