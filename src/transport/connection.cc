#include "transport/connection.h"

#include <algorithm>

#include "transport/connection_quic.h"
#include "transport/endpoint_state.h"
#include "transport/packet_protection.h"

namespace felix::transport {
namespace {

// How long a large packet is waited for at least before it counts as too large for its path.
constexpr Duration kShortestDoubt = std::chrono::milliseconds(100);

}  // namespace

std::string_view to_string(CloseReason::Kind kind) {
  switch (kind) {
    case CloseReason::Kind::local:
      return "closed by us";
    case CloseReason::Kind::peer_application:
      return "closed by the peer";
    case CloseReason::Kind::peer_transport:
      return "closed by the peer's transport";
    case CloseReason::Kind::idle_timeout:
      return "nothing heard from the peer";
    case CloseReason::Kind::handshake_failed:
      return "handshake failed";
    case CloseReason::Kind::handshake_timeout:
      return "no answer";
    case CloseReason::Kind::refused:
      return "refused by the peer";
    case CloseReason::Kind::stateless_reset:
      return "reset by the peer";
    case CloseReason::Kind::transport_error:
      return "protocol violation";
  }
  FELIX_UNREACHABLE("close kind");
}

Connection::Connection(Endpoint& endpoint, const TransportConfig& config, IngressAccount* account)
    : endpoint_(endpoint) {
  quic_ = std::make_unique<Quic>(endpoint.loop(), config, account, [this] { on_expiry(); });
}

Connection::~Connection() = default;

io::Address Connection::remote() const { return quic_->remote(); }

std::uint64_t Connection::uni_credit() const {
  return ready_ && !closing() ? ngtcp2_conn_get_streams_uni_left(quic_->conn) : 0;
}

std::uint64_t Connection::bidi_credit() const {
  return ready_ && !closing() ? ngtcp2_conn_get_streams_bidi_left(quic_->conn) : 0;
}

std::size_t Connection::channel_count() const { return quic_->channels.size(); }

Duration Connection::smoothed_rtt() const {
  ngtcp2_conn_info info;
  ngtcp2_conn_get_conn_info(quic_->conn, &info);
  return Duration(static_cast<std::int64_t>(info.latest_rtt == 0 ? 0 : info.smoothed_rtt));
}

std::string Connection::cipher() const { return ready_ && quic_->tls ? quic_->tls->cipher() : std::string(); }

std::size_t Connection::mtu() const {
  return std::min(ngtcp2_conn_get_path_max_tx_udp_payload_size(quic_->conn), quic_->path_size.limit());
}

Channel& Connection::add_channel(std::int64_t id) {
  auto channel = std::make_unique<Channel>(*this, id, first_stream_window(quic_->config));
  Channel& added = *channel;
  quic_->channels.emplace(id, std::move(channel));
  ngtcp2_conn_set_stream_user_data(quic_->conn, id, &added);
  return added;
}

void Connection::remove_channel(Channel& channel) {
  channel.drop_queue();
  if (!ended_) channel.consume(static_cast<std::size_t>(channel.unconsumed_bytes_));
  quic_->channels.erase(channel.id_);
}

Channel* Connection::open(bool bidirectional) {
  if (!ready_ || closing()) return nullptr;
  std::int64_t id = -1;
  const int outcome = bidirectional ? ngtcp2_conn_open_bidi_stream(quic_->conn, &id, nullptr)
                                    : ngtcp2_conn_open_uni_stream(quic_->conn, &id, nullptr);
  return outcome == 0 ? &add_channel(id) : nullptr;
}

Channel* Connection::open_bidi() { return open(true); }
Channel* Connection::open_uni() { return open(false); }

void Connection::trust() {
  if (closing()) return;
  if (const std::uint64_t extension = quic_->window.trust(endpoint_.loop().now()); extension > 0) {
    ngtcp2_conn_extend_max_offset(quic_->conn, extension);
    mark_dirty();
  }
  quic_->streams.trust();
}

void Connection::give_back(std::uint64_t bytes) {
  const std::uint64_t extension =
      quic_->window.give_back(bytes, endpoint_.loop().now(), [this] { return smoothed_rtt(); });
  if (extension == 0) return;
  ngtcp2_conn_extend_max_offset(quic_->conn, extension);
  mark_dirty();
}

std::uint64_t Connection::stream_target() const {
  const TransportConfig& config = quic_->config;
  // A quarter of the connection's, so that one channel nobody reads leaves room for others.
  return std::clamp(quic_->window.target_bytes() / 4, first_stream_window(config),
                    config.stream_window_bytes);
}

void Connection::mark_dirty() {
  must_flush_ = true;
  if (!dirty_hook_.linked() && !ended_) endpoint_.state_->dirty.push_back(*this);
}

void Connection::mark_heard() {
  if (!dirty_hook_.linked() && !ended_) endpoint_.state_->heard.push_back(*this);
}

bool Connection::may_wait(MonoTime now) const {
  return ready_ && !must_flush_ && sendable_.empty() && quic_->ack_patience.holds(now) && !must_repeat();
}

void Connection::wait_for_company() {
  // ngtcp2 has no deadline for what it would repeat.
  if (queued_bytes_ > unsent_bytes_) return quic_->timer.arm(quic_->ack_patience.end());
  rearm_timer();
}

bool Connection::must_repeat() const {
  const std::size_t unacknowledged = queued_bytes_ - unsent_bytes_;
  if (unacknowledged == 0) return false;
  ngtcp2_conn_info info;
  ngtcp2_conn_get_conn_info(quic_->conn, &info);
  return info.bytes_in_flight < unacknowledged;
}

void Connection::note_event() {
  if (!event_hook_.linked()) endpoint_.state_->eventful.push_back(*this);
}

void Connection::note_event(Channel& channel) {
  if (!channel.event_hook_.linked()) eventful_.push_back(channel);
  note_event();
}

void Connection::close(std::uint64_t code, std::string reason) {
  if (closing()) return;
  closing_ = true;
  close_reason_ = CloseReason{CloseReason::Kind::local, code, std::move(reason)};
  mark_dirty();
}

void Connection::end(CloseReason reason) {
  if (ended_) return;
  ended_ = true;
  close_reason_ = std::move(reason);
  dirty_hook_.unlink();
  quic_->timer.disarm();
  endpoint_.state_->note_handshake_over(*this);
  note_event();
}

void Connection::end_after_error(int error) {
  if (ended_) return;
  using Kind = CloseReason::Kind;
  EndpointCounters& counters = endpoint_.state_->counters;
  CloseReason reason;
  switch (error) {
    case NGTCP2_ERR_IDLE_CLOSE:
      reason.kind = ready_ ? Kind::idle_timeout : Kind::handshake_timeout;
      break;
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
      reason.kind = Kind::handshake_timeout;
      break;
    case NGTCP2_ERR_DRAINING: {
      if (quic_->was_reset) {
        reason.kind = Kind::stateless_reset;
        break;
      }
      const ngtcp2_ccerr* told = ngtcp2_conn_get_ccerr(quic_->conn);
      reason.code = told->error_code;
      reason.text.assign(reinterpret_cast<const char*>(told->reason), told->reasonlen);
      if (told->type == NGTCP2_CCERR_TYPE_APPLICATION) {
        reason.kind = Kind::peer_application;
      } else if (told->error_code == kQuicConnectionRefused) {
        reason.kind = Kind::refused;
      } else if (!ready_) {
        reason.kind = Kind::handshake_failed;
      } else {
        reason.kind = Kind::peer_transport;
      }
      break;
    }
    case NGTCP2_ERR_CRYPTO:
      reason.kind = ready_ ? Kind::transport_error : Kind::handshake_failed;
      reason.code = 0x100u + ngtcp2_conn_get_tls_alert(quic_->conn);
      if (quic_->tls) reason.text = quic_->tls->verify_failure_text();
      break;
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:
      reason.kind = Kind::handshake_failed;
      reason.text = "the peer does not speak QUIC version 1";
      break;
    case NGTCP2_ERR_RETRY:
    case NGTCP2_ERR_DROP_CONN:
      reason.kind = Kind::handshake_failed;
      quic_->unproven = true;
      quic_->wants_retry = error == NGTCP2_ERR_RETRY;
      break;
    default:
      reason.kind = Kind::transport_error;
      reason.code = ngtcp2_err_infer_quic_transport_error_code(error);
      reason.text = ngtcp2_strerror(error);
      break;
  }
  const bool we_tell = reason.kind == Kind::transport_error || (error == NGTCP2_ERR_CRYPTO);
  if (reason.kind == Kind::handshake_failed) ++counters.handshake_failures;
  if (reason.kind == Kind::transport_error) ++counters.protocol_violations;
  end(std::move(reason));
  if (we_tell) endpoint_.state_->flusher.write_close(*this, endpoint_.loop().now());
}

void Connection::end_for_excess() {
  EndpointCounters& counters = endpoint_.state_->counters;
  ++counters.protocol_violations;
  ++counters.excesses;
  end({CloseReason::Kind::transport_error, NGTCP2_PROTOCOL_VIOLATION, "too much that leads to nothing"});
  endpoint_.state_->flusher.write_close(*this, endpoint_.loop().now());
}

void Connection::read(Bytes datagram, const io::Address& from, std::uint8_t ecn) {
  if (ended_) return;
  ngtcp2_pkt_info info{};
  info.ecn = ecn;
  const io::Address& local = endpoint_.local();
  const ngtcp2_path path{{const_cast<sockaddr*>(local.raw()), local.length()},
                         {const_cast<sockaddr*>(from.raw()), from.length()},
                         nullptr};
  quic_->data_received = false;
  quic_->last_heard = endpoint_.loop().now();
  quic_->last_look = false;
  const FrameCharge charge;
  const int outcome =
      ngtcp2_conn_read_pkt(quic_->conn, &path, &info, reinterpret_cast<const std::uint8_t*>(datagram.data()),
                           datagram.size(), timestamp_of(endpoint_.loop().now()));
  if (outcome != 0) {
    end_after_error(outcome);
    return;
  }
  if (endpoint_.state_->server && !quic_->audit.charge(charge.amount(), endpoint_.loop().now())) {
    end_for_excess();
    return;
  }
  const bool is_probe = !quic_->data_received && datagram.size() > NGTCP2_MAX_UDP_PAYLOAD_SIZE;
  if (is_probe) {
    quic_->ack_patience.note_probe(endpoint_.loop().now());
  } else {
    quic_->ack_patience.note_received(endpoint_.loop().now(), quic_->data_received);
  }
  mark_heard();
}

void Connection::on_expiry() {
  if (ended_) return;
  if (endpoint_.loop().now() >= quic_->gone_at()) {
    // Timers come before the socket in a turn.
    if (!std::exchange(quic_->last_look, true)) return rearm_timer();
    end({CloseReason::Kind::idle_timeout, 0, {}});
    return;
  }
  const int outcome = ngtcp2_conn_handle_expiry(quic_->conn, timestamp_of(endpoint_.loop().now()));
  if (outcome != 0) {
    end_after_error(outcome);
    return;
  }
  mark_dirty();
}

void Connection::note_acknowledged(MonoTime now) {
  ngtcp2_conn_info info;
  ngtcp2_conn_get_conn_info(quic_->conn, &info);
  const auto eighth = Duration(static_cast<std::int64_t>(info.smoothed_rtt / 8));
  // Not known before the first answer.
  const bool measured = info.min_rtt != UINT64_MAX;
  quic_->ack_patience.note_sent(
      now, std::min(quic_->config.max_ack_delay, eighth),
      measured ? Duration(static_cast<std::int64_t>(info.min_rtt)) : Duration::zero());
}

void Connection::rearm_timer() {
  const ngtcp2_tstamp expiry = ngtcp2_conn_get_expiry(quic_->conn);
  MonoTime deadline = kNever;
  if (expiry != UINT64_MAX) deadline = MonoTime(Duration(static_cast<std::int64_t>(expiry)));
  // What the pacer holds back goes when it may, and acknowledgements with it.
  if (expiry != UINT64_MAX && sendable_.empty()) deadline = quic_->ack_patience.deadline(deadline);
  deadline = std::min(deadline, quic_->gone_at());
  if (deadline != quic_->timer.deadline()) quic_->timer.arm(deadline);
}

void Connection::note_large_packet(const Channel* newest, MonoTime now) {
  PathSize& size = quic_->path_size;
  if (size.marked()) return size.note_sent();
  if (newest == nullptr && queued_bytes_ > unsent_bytes_) {
    // Something sent again, and ngtcp2 does not say what: any that waits for its acknowledgement.
    const auto waits = [](const auto& entry) {
      return entry.second->queued_bytes_ > entry.second->unsent_bytes_;
    };
    const auto found = std::ranges::find_if(quic_->channels, waits);
    if (found != quic_->channels.end()) newest = found->second.get();
  }
  if (newest == nullptr) return;
  // QUIC repeats what is unheard after one probe timeout and again two later. A short path's is shorter than
  // what a busy host may take to answer.
  const Duration probe_timeout(static_cast<std::int64_t>(ngtcp2_conn_get_pto(quic_->conn)));
  size.mark(newest->id_, newest->sent_bytes_, now, std::max(probe_timeout * 5 / 2, kShortestDoubt));
}

void Connection::deliver_events() {
  if (ended_) return;
  if (std::exchange(ready_event_, false)) {
    if (endpoint_.state_->server) quic_->drop_tls();
    if (events_.on_ready) events_.on_ready();
  }
  while (Channel* channel = eventful_.pop_front()) {
    if (ended_) return;
    if (std::exchange(channel->readable_event_, false) && channel->events_.on_readable)
      channel->events_.on_readable();
    if (std::exchange(channel->writable_event_, false) && channel->events_.on_writable)
      channel->events_.on_writable();
    if (!channel->closed_) continue;
    if (channel->events_.on_closed) channel->events_.on_closed();
    remove_channel(*channel);
  }
  // Last, so that nothing is opened for a channel that has just ended.
  if (std::exchange(credit_event_, false) && !ended_ && events_.on_channel_credit)
    events_.on_channel_credit();
}

void Connection::deliver_close() {
  // What arrived before the end still counts: the last answers, or the last requests of a peer that left.
  while (Channel* channel = eventful_.pop_front()) {
    if (std::exchange(channel->readable_event_, false) && channel->events_.on_readable)
      channel->events_.on_readable();
  }
  for (auto& [id, channel] : quic_->channels) {
    channel->closed_ = true;
    if (channel->events_.on_closed) channel->events_.on_closed();
  }
  while (!quic_->channels.empty()) remove_channel(*quic_->channels.begin()->second);
  if (events_.on_closed) events_.on_closed(close_reason_);
  events_ = {};
}

}  // namespace felix::transport
