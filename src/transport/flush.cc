#include "transport/flush.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "transport/connection_quic.h"
#include "transport/endpoint.h"

namespace felix::transport {
namespace {

constexpr std::size_t kBufferBytes = 128 * 1024;
// What the kernel takes as one train.
constexpr std::size_t kTrainBytes = 65000;
constexpr std::size_t kTrainSegments = 64;
// One connection's share of a turn.
constexpr std::size_t kShareBytes = 256 * 1024;
constexpr std::size_t kVectors = 32;
// Below this round-trip time bursts leave at once: a pacer would quantise what the network can take.
constexpr Duration kPaceAboveRtt = std::chrono::milliseconds(1);

}  // namespace

Flusher::Flusher(io::UdpSocket& socket, EndpointCounters& counters)
    : socket_(socket), counters_(counters), buffer_(new std::byte[kBufferBytes]) {}

bool Flusher::send_train() {
  if (used_ == 0) return true;
  std::size_t sent = 0;
  const auto outcome = socket_.send(to_, ecn_, Bytes(buffer_.get(), used_), segment_, sent);
  ++counters_.send_calls;
  counters_.datagrams_sent += (sent + segment_ - 1) / segment_;
  counters_.bytes_sent += sent;
  if (outcome == io::UdpSocket::Sent::blocked) {
    std::memmove(buffer_.get(), buffer_.get() + sent, used_ - sent);
    blocked_bytes_ = used_ - sent;
    return false;
  }
  used_ = 0;
  return true;
}

bool Flusher::on_writable() {
  if (blocked_bytes_ == 0) return true;
  used_ = std::exchange(blocked_bytes_, 0);
  return send_train();
}

Flusher::Progress Flusher::flush(Connection& connection, MonoTime now) {
  Connection::Quic& quic = *connection.quic_;
  const ngtcp2_tstamp ts = timestamp_of(now);
  quic.check_path_size(now);
  const std::size_t packet_bytes = quic.packet_room(now);
  std::size_t share = kShareBytes;
  std::array<ngtcp2_vec, kVectors> vectors;
  ngtcp2_path_storage path;
  Progress progress = Progress::done;
  std::uint64_t packets = 0;
  const Channel* carried = nullptr;  // in the packet being written, the last of them
  connection.must_flush_ = false;
  used_ = 0;

  for (;;) {
    if (share < packet_bytes) {
      progress = Progress::more;
      break;
    }
    Channel* channel = connection.sendable_.front();
    // Without connection credit only a bare FIN could leave; a later packet of the peer brings us back here.
    if (channel != nullptr && channel->unsent_bytes_ > 0 && ngtcp2_conn_get_max_data_left(quic.conn) == 0)
      channel = nullptr;
    std::size_t vector_count = 0;
    std::size_t offered = 0;
    std::uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_NONE;
    if (channel != nullptr) {
      vector_count = channel->gather(vectors.data(), vectors.size());
      for (std::size_t i = 0; i < vector_count; ++i) offered += vectors[i].len;
      flags |= NGTCP2_WRITE_STREAM_FLAG_MORE;
      if (channel->finishing_ && offered == channel->unsent_bytes_) flags |= NGTCP2_WRITE_STREAM_FLAG_FIN;
    }

    ngtcp2_path_storage_zero(&path);
    ngtcp2_pkt_info info{};
    ngtcp2_ssize taken = -1;
    const ngtcp2_ssize written = ngtcp2_conn_writev_stream(
        quic.conn, &path.path, &info, reinterpret_cast<std::uint8_t*>(buffer_.get() + used_), packet_bytes,
        &taken, flags, channel == nullptr ? -1 : channel->id(), vectors.data(), vector_count, ts);

    if (channel != nullptr && taken >= 0) {
      const bool with_finish =
          (flags & NGTCP2_WRITE_STREAM_FLAG_FIN) != 0 && static_cast<std::size_t>(taken) == offered;
      channel->note_sent(static_cast<std::size_t>(taken), with_finish);
      if (taken > 0) carried = channel;
      channel->send_hook_.unlink();
      if (channel->wants_to_send()) connection.sendable_.push_back(*channel);
    }
    if (written == NGTCP2_ERR_WRITE_MORE) continue;
    if (written == NGTCP2_ERR_STREAM_DATA_BLOCKED) {
      channel->blocked_ = true;
      channel->send_hook_.unlink();
      continue;
    }
    if (written == NGTCP2_ERR_STREAM_SHUT_WR || written == NGTCP2_ERR_STREAM_NOT_FOUND) {
      channel->note_peer_stopped();  // ngtcp2 has answered with RESET_STREAM by itself
      continue;
    }
    if (written < 0) {
      used_ = 0;
      connection.end_after_error(static_cast<int>(written));
      return Progress::done;
    }
    if (written == 0) break;

    ++packets;
    const auto bytes = static_cast<std::size_t>(written);
    share -= std::min(share, bytes);
    quic.written_bytes += bytes;
    if (quic.path_size.notes(bytes)) connection.note_large_packet(carried, now);
    carried = nullptr;
    const io::Address to(path.path.remote.addr, path.path.remote.addrlen);
    if (used_ > 0 && (bytes > segment_ || info.ecn != ecn_ || !(to == to_))) {
      // Not of this train (a path probe, another mark or path): what is there goes first. If the socket is
      // full this packet counts as lost, which QUIC repairs.
      const std::byte* packet = buffer_.get() + used_;
      if (!send_train()) break;
      std::memmove(buffer_.get(), packet, bytes);
    }
    if (used_ == 0) {
      to_ = to;
      segment_ = bytes;
      ecn_ = static_cast<std::uint8_t>(info.ecn);
    }
    used_ += bytes;
    // A probe of a larger size goes alone: the kernel may refuse it, and with it all of its train.
    const bool is_probe = bytes > connection.mtu();
    if (is_probe) quic.note_probe(bytes, now);
    const bool train_over =
        bytes < segment_ || is_probe || used_ + segment_ > kTrainBytes || used_ / segment_ >= kTrainSegments;
    if (train_over && !send_train()) break;
  }
  if (open()) send_train();
  if (packets > 0) {
    connection.note_acknowledged(now);
    quic.audit.note_sent(packets);
  }
  // ngtcp2 charges a call with every byte written since the last one. So once the round trip is known, a
  // connection is told of all its packets until its path turns out to be short, and of none afterwards;
  // before, the window of a new connection bounds what there is to charge, and the handshake is not held back
  // by a guess.
  if (quic.paced) {
    ngtcp2_conn_info measured;
    ngtcp2_conn_get_conn_info(quic.conn, &measured);
    if (measured.latest_rtt != 0) {
      quic.paced = measured.min_rtt >= static_cast<ngtcp2_duration>(kPaceAboveRtt.count());
      if (quic.paced) ngtcp2_conn_update_pkt_tx_time(quic.conn, ts);
    }
  }
  connection.rearm_timer();
  // What a full socket kept back goes on when it is writable again.
  return open() ? progress : Progress::more;
}

void Flusher::write_close(Connection& connection, MonoTime now) {
  Connection::Quic& quic = *connection.quic_;
  ngtcp2_ccerr error;
  ngtcp2_ccerr_default(&error);
  const CloseReason& reason = connection.close_reason_;
  const auto* text = reinterpret_cast<const std::uint8_t*>(reason.text.data());
  ngtcp2_ccerr_set_application_error(&error, reason.code, text, reason.text.size());
  if (reason.kind != CloseReason::Kind::local) {
    // The peer broke something, or TLS failed: say what, in QUIC's own codes.
    if (const std::uint8_t alert = ngtcp2_conn_get_tls_alert(quic.conn); alert != 0) {
      ngtcp2_ccerr_set_tls_alert(&error, alert, nullptr, 0);
    } else {
      ngtcp2_ccerr_set_transport_error(&error, reason.code, nullptr, 0);
    }
  }
  std::array<std::byte, 1200> packet;
  const ngtcp2_ssize written = ngtcp2_conn_write_connection_close(
      quic.conn, &quic.path.path, nullptr, reinterpret_cast<std::uint8_t*>(packet.data()), packet.size(),
      &error, timestamp_of(now));
  if (written <= 0) return;
  quic.last_words.assign(packet.begin(), packet.begin() + written);
  send_alone(connection.remote(), quic.last_words);
}

void Flusher::send_alone(const io::Address& to, Bytes packet) {
  if (!open() || packet.empty()) return;
  std::size_t sent = 0;
  socket_.send(to, 0, packet, packet.size(), sent);
  ++counters_.send_calls;
  if (sent > 0) ++counters_.datagrams_sent;
  counters_.bytes_sent += sent;
}

}  // namespace felix::transport
