#pragma once
// What a Connection keeps for ngtcp2. Included by the files of this module only.

#include <algorithm>
#include <optional>
#include <unordered_map>
#include <vector>

#include <ngtcp2/ngtcp2.h>
#include <ngtcp2/ngtcp2_crypto.h>

#include "crypto/tls_session.h"
#include "io/loop.h"
#include "transport/ack_patience.h"
#include "transport/connection.h"
#include "transport/connection_id.h"
#include "transport/frame_audit.h"
#include "transport/path_size.h"
#include "transport/receive_window.h"
#include "transport/stream_credit.h"

namespace felix::transport {

inline std::uint64_t first_connection_window(const TransportConfig& config) {
  return std::min(config.first_window_bytes, config.connection_window_bytes);
}
inline std::uint64_t first_stream_window(const TransportConfig& config) {
  return std::min(config.first_window_bytes, config.stream_window_bytes);
}

struct Connection::Quic {
  Quic(io::Loop& loop, const TransportConfig& transport, IngressAccount* account,
       std::function<void()> on_due)
      : timer(loop, std::move(on_due)),
        config(transport),
        window(first_connection_window(config), config.connection_window_bytes, account),
        streams(config, account) {}
  ~Quic() {
    if (conn != nullptr) ngtcp2_conn_del(conn);
  }

  // What client and server do alike once `conn` and `tls` are there: binds them to each other and sets the
  // keep-alive of `config`.
  void finish_setup();
  // A server's handshake is over: its TLS session, a quarter of what an idle connection holds, has nothing
  // left to do. Tickets are not issued, and QUIC changes keys without TLS.
  void drop_tls();
  // Bytes to write the next packets into. ngtcp2 tries a larger packet as soon as there is room for one, so
  // what is offered here is when discovery begins and where it ends.
  std::size_t packet_room(MonoTime now);
  // A packet larger than what is proven left.
  void note_probe(std::size_t size, MonoTime now);
  // Large packets are no longer sent when they do not come through.
  void check_path_size(MonoTime now);
  // The handshake is over: how long the peer may be silent is agreed.
  void note_agreed();
  // When a peer that was asked for a sign of life in vain counts as gone. QUIC's idle time begins anew with
  // what we send, the question included, and so would end later by as much as we waited with it.
  MonoTime gone_at() const { return longest_silence.count() == 0 ? kNever : last_heard + longest_silence; }
  // Where packets go now.
  io::Address remote() const;

  ngtcp2_conn* conn = nullptr;
  ngtcp2_crypto_conn_ref ref{};
  std::optional<crypto::TlsSession> tls;  // of a server: until the handshake is over
  ngtcp2_path_storage path{};
  io::Timer timer;
  const TransportConfig config;
  ReceiveWindow window;
  StreamCredit streams;
  std::unordered_map<std::int64_t, std::unique_ptr<Channel>> channels;
  AckPatience ack_patience{Duration::zero()};  // until finish_setup()
  std::vector<ConnectionId> ids;               // by which the endpoint finds us
  std::vector<std::byte> last_words;  // the CONNECTION_CLOSE packet, repeated to a peer that still talks
  std::uint32_t heard_after_end = 0;  // datagrams
  FrameAudit audit;                   // of what the peer of a server says
  std::uint64_t written_bytes = 0;    // in packets, since the beginning
  PathSize path_size;
  std::size_t packet_ceiling = 0;  // what this path is thought to carry; 0 until asked
  // The probe of discovery that is out or was lost, and when it may go again.
  std::size_t probed_size = 0;
  Duration probe_pause{};
  MonoTime next_probe{};
  MonoTime last_heard{};
  Duration longest_silence{};  // zero: no sign of life is asked for
  bool last_look = false;      // for what may wait in the socket, where the turn itself is late
  bool handshaking = true;
  bool data_received = false;  // by the packet being read
  bool paced = true;           // until its round trip is known to be short
  // Ended by its first packet, which begins no handshake; nothing is kept for its peer.
  bool unproven = false;
  bool wants_retry = false;  // the packet may be a later part of one: a proven address can have it kept
  bool was_reset = false;    // the peer has forgotten this connection
};

inline ngtcp2_tstamp timestamp_of(MonoTime at) { return nanos_since_epoch(at); }
inline ngtcp2_cid to_ngtcp2(const ConnectionId& id) {
  ngtcp2_cid cid;
  ngtcp2_cid_init(&cid, reinterpret_cast<const std::uint8_t*>(id.data.data()), id.size);
  return cid;
}
inline ConnectionId from_ngtcp2(const ngtcp2_cid& cid) {
  return ConnectionId(Bytes(reinterpret_cast<const std::byte*>(cid.data), cid.datalen));
}

// The callback table, which only records (callbacks.cc).
const ngtcp2_callbacks& server_callbacks();
const ngtcp2_callbacks& client_callbacks();

}  // namespace felix::transport
