#include "transport/endpoint_state.h"

#include <algorithm>
#include <bit>

#include "transport/connection_quic.h"
#include "transport/stateless.h"

namespace felix::transport {
namespace {

// Datagrams taken from the socket in one turn.
constexpr std::size_t kReceiveBudget = 256;
// How long a closed connection answers a peer that has not noticed.
constexpr Duration kGraveTime = std::chrono::milliseconds(300);
// A connection with this much less than nothing to say is not worth a reset.
constexpr std::size_t kShortestPacket = 22;
// Answers without state. Each costs us some cryptography, and somebody else whatever it was sent to.
constexpr Rate kRetries{20'000, 4'000};
constexpr Rate kRefusals{1'000, 500};
constexpr Rate kResets{1'000, 2'000};
constexpr Rate kVersionLists{1'000, 500};

}  // namespace

void Endpoint::State::add_route(const ConnectionId& id, Connection& connection) {
  routes.insert_or_assign(id, &connection);
  connection.quic_->ids.push_back(id);
}

void Endpoint::State::remove_route(const ConnectionId& id, Connection& connection) {
  routes.erase(id);
  std::erase(connection.quic_->ids, id);
}

void Endpoint::State::note_handshake_over(Connection& connection) {
  if (!std::exchange(connection.quic_->handshaking, false) || !server) return;
  const ngtcp2_addr& first_seen_at = connection.quic_->path.path.remote;
  gate->over(io::Address(first_seen_at.addr, first_seen_at.addrlen));
}

void Endpoint::State::on_socket(std::uint32_t events) {
  if ((events & io::Watch::readable) != 0) {
    socket->receive(kReceiveBudget, [this](const io::Datagram& datagram) {
      ++counters.datagrams_received;
      counters.bytes_received += datagram.bytes.size();
      on_datagram(datagram.bytes, datagram.from, datagram.ecn, false);
    });
    deliver_events();
  }
  if ((events & io::Watch::writable) != 0 && flusher.on_writable()) watch.set_events(io::Watch::readable);
}

void Endpoint::State::on_datagram(Bytes bytes, const io::Address& from, std::uint8_t ecn, bool injected) {
  if (bytes.empty()) {  // ngtcp2 would end the process
    ++counters.datagrams_ignored;
    return;
  }
  ngtcp2_version_cid ids;
  const int outcome = ngtcp2_pkt_decode_version_cid(&ids, reinterpret_cast<const std::uint8_t*>(bytes.data()),
                                                    bytes.size(), kLocalIdBytes);
  if (outcome == NGTCP2_ERR_VERSION_NEGOTIATION) {
    if (server && accepting && may_answer(version_lists, kVersionLists))
      reply_statelessly(version_negotiation(ids), from);
    return;
  }
  if (outcome != 0 || ids.dcidlen > kMaxIdBytes) {
    ++counters.datagrams_ignored;
    return;
  }
  const Bytes dcid(reinterpret_cast<const std::byte*>(ids.dcid), ids.dcidlen);
  if (const auto route = routes.find(ConnectionId(dcid)); route != routes.end()) {
    Connection& connection = *route->second;
    if (connection.ended_) {
      // Ever more rarely: each may be asked for by somebody else in the peer's name.
      if (from == connection.remote() && std::has_single_bit(++connection.quic_->heard_after_end))
        reply_statelessly(connection.quic_->last_words, from);
    } else {
      connection.read(bytes, from, ecn);
    }
    return;
  }
  if (!server) {
    // A stateless reset names no connection of ours; the one it means recognises its token.
    ++counters.datagrams_ignored;
    for (auto& [connection, owned] : connections) {
      if (connection->remote() == from) connection->read(bytes, from, ecn);
    }
    return;
  }
  if (const std::uint32_t owner = owner_of(dcid, options.reactor_count);
      owner != options.reactor && !injected) {
    ++counters.foreign_packets;
    if (options.on_foreign_packet) options.on_foreign_packet(owner, bytes, from);
    return;
  }
  if (ids.version == 0) {  // a short header: a connection we have forgotten
    ++counters.datagrams_ignored;
    if (bytes.size() < kShortestPacket || !may_answer(resets, kResets)) return;
    ++counters.resets_sent;
    reply_statelessly(stateless_reset(dcid, bytes.size(), secrets), from);
    return;
  }
  on_new_peer(bytes, from, ecn);
}

void Endpoint::State::on_new_peer(Bytes bytes, const io::Address& from, std::uint8_t ecn) {
  ngtcp2_pkt_hd header;
  if (ngtcp2_accept(&header, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()) != 0) {
    ++counters.datagrams_ignored;
    return;
  }
  if (!accepting || (options.admit && !options.admit(from))) {
    send_refusal(header, kQuicConnectionRefused, from);
    return;
  }
  ngtcp2_cid original;
  const TokenCheck token = check_retry_token(header, from, secrets, loop.now(), original);
  if (token == TokenCheck::invalid) {
    send_refusal(header, NGTCP2_INVALID_TOKEN, from);
    return;
  }
  switch (gate->judge(from, token == TokenCheck::valid, loop.now())) {
    case HandshakeGate::Verdict::begin:
      break;
    case HandshakeGate::Verdict::prove:
      send_retry(header, from);
      return;
    case HandshakeGate::Verdict::refuse:
      send_refusal(header, kQuicConnectionRefused, from);
      return;
  }
  auto started = start_server_connection(header, from, token == TokenCheck::valid ? &original : nullptr);
  if (!started) {
    send_refusal(header, NGTCP2_INTERNAL_ERROR, from);
    return;
  }
  Connection& connection = **started;
  connection.read(bytes, from, ecn);
  if (connection.quic_->unproven) gate->was_fruitless(loop.now());
  // A later part of a ClientHello came first.
  if (connection.quic_->wants_retry) send_retry(header, from);
}

bool Endpoint::State::may_answer(TokenBucket& bucket, const Rate& rate) {
  if (bucket.take(rate, loop.now())) return true;
  ++counters.answers_withheld;
  return false;
}

void Endpoint::State::send_retry(const ngtcp2_pkt_hd& header, const io::Address& to) {
  if (!may_answer(retries, kRetries)) return;
  ++counters.retries_sent;
  reply_statelessly(retry(header, to, new_id(), secrets, loop.now()), to);
}

void Endpoint::State::send_refusal(const ngtcp2_pkt_hd& header, std::uint64_t transport_error,
                                   const io::Address& to) {
  ++counters.connections_refused;
  if (may_answer(refusals, kRefusals)) reply_statelessly(refusal(header, transport_error), to);
}

void Endpoint::State::reply_statelessly(Bytes packet, const io::Address& to) {
  flusher.send_alone(to, packet);
}

void Endpoint::State::deliver_events() {
  while (Connection* connection = eventful.pop_front()) {
    connection->deliver_events();
    if (!connection->ended_) continue;
    connection->deliver_close();
    connection->event_hook_.unlink();
    bury(*connection);
  }
}

void Endpoint::State::bury(Connection& connection) {
  const auto found = connections.find(&connection);
  FELIX_ASSERT(found != connections.end());
  std::unique_ptr<Connection> owned = std::move(found->second);
  connections.erase(found);
  if (owned->quic_->unproven) return forget_routes(*owned);
  graves.push_back(Grave{std::move(owned), loop.now() + kGraveTime});
  if (graves.size() == 1) grave_timer.arm(graves.front().until);
}

void Endpoint::State::forget_routes(const Connection& connection) {
  for (const ConnectionId& id : connection.quic_->ids) {
    const auto route = routes.find(id);
    if (route != routes.end() && route->second == &connection) routes.erase(route);
  }
}

void Endpoint::State::visit_graves() {
  const auto due =
      std::find_if(graves.begin(), graves.end(), [&](const Grave& g) { return g.until > loop.now(); });
  for (auto grave = graves.begin(); grave != due; ++grave) {
    forget_routes(*grave->connection);
  }
  graves.erase(graves.begin(), due);
  if (!graves.empty()) grave_timer.arm(graves.front().until);
}

bool Endpoint::State::end_of_turn() {
  deliver_events();
  if (server) gate->end_turn();
  IntrusiveList<Connection, &Connection::dirty_hook_> again;
  while (flusher.open()) {
    Connection* connection = dirty.pop_front();
    if (connection == nullptr) connection = heard.pop_front();
    if (connection == nullptr) break;
    if (connection->closing_) {
      flusher.write_close(*connection, loop.now());
      connection->end(connection->close_reason_);
    } else if (connection->may_wait(loop.now())) {
      connection->wait_for_company();
    } else if (flusher.flush(*connection, loop.now()) == Flusher::Progress::more) {
      again.push_back(*connection);
    }
  }
  while (Connection* connection = again.pop_front()) dirty.push_back(*connection);
  if (!flusher.open()) watch.set_events(io::Watch::readable | io::Watch::writable);
  return !eventful.empty() || (!(dirty.empty() && heard.empty()) && flusher.open());
}

}  // namespace felix::transport
