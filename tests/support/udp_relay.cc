#include "support/udp_relay.h"

#include <utility>

#include "base/contract.h"

namespace felix::test {
namespace {

constexpr std::size_t kDatagramsPerTurn = 64;

std::unique_ptr<io::UdpSocket> loopback_socket(int family) {
  const auto any_port = io::Address::parse(family == AF_INET6 ? "[::1]:0" : "127.0.0.1:0");
  FELIX_ASSERT(any_port);
  auto socket = io::UdpSocket::bind(*any_port, {});
  FELIX_ASSERT(socket);
  return std::move(*socket);
}

}  // namespace

UdpRelay::UdpRelay(io::Loop& loop, const io::Address& server, std::uint64_t seed)
    : loop_(loop),
      server_(server),
      random_(seed),
      front_(loopback_socket(server.family())),
      next_turn_(loop, [this] { on_turn(); }) {
  front_watch_ = std::make_unique<io::Watch>(loop_, front_->fd(), io::Watch::readable, [this](std::uint32_t) {
    front_->receive(kDatagramsPerTurn, [this](const io::Datagram& datagram) {
      pass(to_server, *flow_of(datagram.from).socket, server_, datagram);
    });
  });
}

UdpRelay::Flow& UdpRelay::flow_of(const io::Address& client) {
  Flow& flow = flows_[client.to_string()];
  if (flow.socket != nullptr) return flow;
  flow.client = client;
  flow.socket = loopback_socket(server_.family());
  flow.watch = std::make_unique<io::Watch>(
      loop_, flow.socket->fd(), io::Watch::readable, [this, &flow](std::uint32_t) {
        flow.socket->receive(kDatagramsPerTurn, [this, &flow](const io::Datagram& datagram) {
          pass(to_client, *front_, flow.client, datagram);
        });
      });
  return flow;
}

void UdpRelay::pass(const RelayFaults& faults, io::UdpSocket& out, const io::Address& to,
                    const io::Datagram& datagram) {
  // Every draw is made for every datagram: the same seed means the same fate, whatever is switched on.
  const bool drop = happens(faults.drop);
  const bool duplicate = happens(faults.duplicate);
  const bool corrupt = happens(faults.corrupt);
  const bool reorder = happens(faults.reorder);
  const std::uint64_t chance = random_();
  if (drop || faults.blackhole) {
    ++counts_.dropped;
    return;
  }
  Held held{
      turn_ + faults.delay_turns, &out, to, datagram.ecn, {datagram.bytes.begin(), datagram.bytes.end()}};
  if (corrupt && !held.bytes.empty()) {
    ++counts_.corrupted;
    held.bytes[(chance >> 8) % held.bytes.size()] ^= static_cast<std::byte>(1u << (chance & 7));
  }
  if (duplicate) {
    ++counts_.duplicated;
    forward(held);
  }
  if (reorder) {
    ++counts_.reordered;
    held.due_turn += 1 + chance % faults.reorder_turns;
  }
  if (held.due_turn == turn_) {
    forward(held);
  } else {
    held_.push_back(std::move(held));
    next_turn_.arm(MonoTime());
  }
}

void UdpRelay::forward(const Held& held) {
  std::size_t sent_bytes = 0;
  const std::size_t size = held.bytes.size();
  // A full socket buffer loses the datagram, like a full router.
  if (size > 0 && held.out->send(held.to, held.ecn, held.bytes, size, sent_bytes) == io::UdpSocket::Sent::all)
    ++counts_.forwarded;
}

void UdpRelay::on_turn() {
  ++turn_;
  std::vector<Held> waiting;
  for (Held& held : held_) {
    if (held.due_turn <= turn_) {
      forward(held);
    } else {
      waiting.push_back(std::move(held));
    }
  }
  held_ = std::move(waiting);
  if (!held_.empty()) next_turn_.arm(MonoTime());
}

bool UdpRelay::happens(double probability) {
  return std::uniform_real_distribution<double>(0, 1)(random_) < probability;
}

}  // namespace felix::test
