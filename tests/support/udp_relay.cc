#include "support/udp_relay.h"

#include <algorithm>
#include <utility>

#include "base/contract.h"

namespace felix::test {
namespace {

constexpr std::size_t kDatagramsPerTurn = 256;

std::unique_ptr<io::UdpSocket> loopback_socket(int family, const std::string& host = {}) {
  const std::string any = family == AF_INET6 ? "[::1]:0" : "127.0.0.1:0";
  const auto address = io::Address::parse(host.empty() ? any : host + ":0");
  FELIX_ASSERT(address);
  auto socket = io::UdpSocket::bind(*address, {});
  FELIX_ASSERT(socket);
  return std::move(*socket);
}

// False when it is gone: a full socket buffer loses the datagram, like a full router.
bool send(io::UdpSocket& out, const io::Address& to, std::uint8_t ecn, Bytes bytes) {
  std::size_t sent_bytes = 0;
  return !bytes.empty() && out.send(to, ecn, bytes, bytes.size(), sent_bytes) == io::UdpSocket::Sent::all;
}

}  // namespace

UdpRelay::UdpRelay(io::Loop& loop, const io::Address& server, std::uint64_t seed)
    : loop_(loop),
      server_(server),
      server_side_(seed),
      client_side_(seed + 1),
      front_(loopback_socket(server.family())),
      next_turn_(loop, [this] { on_turn(); }) {
  front_watch_ = std::make_unique<io::Watch>(loop_, front_->fd(), io::Watch::readable, [this](std::uint32_t) {
    front_->receive(kDatagramsPerTurn, [this](const io::Datagram& datagram) {
      pass(server_side_, to_server, flow_of(datagram.from), datagram);
    });
    rearm();
  });
}

RelayCounts UdpRelay::counts() const {
  RelayCounts both = server_side_.counts;
  return both += client_side_.counts;
}

UdpRelay::Flow& UdpRelay::flow_of(const io::Address& client) {
  Flow& flow = flows_[client.to_string()];
  if (flow.socket != nullptr) return flow;
  flow.client = client;
  open_flow(flow, {});
  return flow;
}

void UdpRelay::open_flow(Flow& flow, const std::string& host) {
  flow.watch.reset();
  flow.socket = loopback_socket(server_.family(), host);
  flow.watch = std::make_unique<io::Watch>(
      loop_, flow.socket->fd(), io::Watch::readable, [this, &flow](std::uint32_t) {
        flow.socket->receive(kDatagramsPerTurn, [this, &flow](const io::Datagram& datagram) {
          pass(client_side_, to_client, flow, datagram);
        });
        rearm();
      });
}

void UdpRelay::rebind(const std::string& host) {
  for (auto& [client, flow] : flows_) {
    // The old socket is closed last: its port must not be given out again.
    const std::unique_ptr<io::UdpSocket> before = std::move(flow.socket);
    open_flow(flow, host.empty() ? before->local().host_string() : host);
  }
}

void UdpRelay::shadow(bool on) {
  shadow_watch_.reset();
  if (!on) return;
  if (shadow_ == nullptr) shadow_ = loopback_socket(server_.family());
  shadow_watch_ =
      std::make_unique<io::Watch>(loop_, shadow_->fd(), io::Watch::readable, [this](std::uint32_t) {
        shadow_->receive(kDatagramsPerTurn, [this](const io::Datagram& datagram) {
          shadow_got_bytes_ += datagram.bytes.size();
        });
      });
}

void UdpRelay::pass(Side& side, RelayFaults& faults, Flow& flow, const io::Datagram& datagram) {
  Held held{&side, &flow, datagram.ecn, {datagram.bytes.begin(), datagram.bytes.end()}, 0};
  for (const auto& arrival : side.impairment.offer(loop_.now(), faults, held.bytes, side.counts)) {
    held.due_turn = arrival.turns_later == 0 ? 0 : turn_ + arrival.turns_later;
    if (arrival.turns_later == 0 && arrival.at <= loop_.now()) {
      forward(held);  // whoever came before it and is late was meant to be overtaken
      continue;
    }
    if (arrival.turns_later > 0) ++held_by_turn_;
    held_.emplace(arrival.at, held);
  }
}

void UdpRelay::forward(const Held& held) {
  const bool up = held.side == &server_side_;
  if (up && shadow_watch_ != nullptr && send(*shadow_, server_, held.ecn, held.bytes))
    shadow_sent_bytes_ += held.bytes.size();
  const bool sent = up ? send(*held.flow->socket, server_, held.ecn, held.bytes)
                       : send(*front_, held.flow->client, held.ecn, held.bytes);
  if (!sent) return;
  ++held.side->counts.forwarded;
  held.side->counts.forwarded_bytes += held.bytes.size();
  held.side->largest = std::max(held.side->largest, held.bytes.size());
}

void UdpRelay::on_turn() {
  ++turn_;
  for (auto next = held_.begin(); next != held_.end() && next->first <= loop_.now();) {
    if (next->second.due_turn > turn_) {
      ++next;
      continue;
    }
    if (next->second.due_turn > 0) --held_by_turn_;
    forward(next->second);
    next = held_.erase(next);
  }
  rearm();
}

void UdpRelay::rearm() {
  if (held_.empty()) {
    next_turn_.disarm();
  } else {
    next_turn_.arm(held_by_turn_ > 0 ? MonoTime() : held_.begin()->first);
  }
}

}  // namespace felix::test
