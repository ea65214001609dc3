#include "transport/start_connection.h"

#include <algorithm>
#include <array>

#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include "io/path_mtu.h"
#include "transport/packet_protection.h"

namespace felix::transport {
namespace {

// Discovery costs a packet of each size and memory for the largest at the peer. It begins when a connection
// has carried as much as shows that it will pay.
constexpr std::uint64_t kDiscoverAfterBytes = 16 * 1024;
// Data packets the peer may send before we owe it an acknowledgement; the end of a turn acknowledges anyway
// after max_ack_delay.
constexpr std::size_t kAckThreshold = 10;
// ngtcp2 gives a size up for good after three probes of it, and all larger ones with it. They go so far apart
// that trouble which swallows all three has outlasted the idle time.
constexpr Duration kFirstProbePause = std::chrono::seconds(1);
constexpr int kProbePauseGrowth = 8;
// What fits an IPv4 packet.
constexpr std::uint16_t kLargestDatagram = 65507;
// Discovery that is over when it begins. Switched off, ngtcp2 ends the process when a peer comes back to an
// address it has just left.
constexpr std::array<std::uint16_t, 1> kNoProbes{UINT16_MAX};

ngtcp2_duration nanos(Duration duration) { return static_cast<ngtcp2_duration>(duration.count()); }

}  // namespace

ngtcp2_settings settings_for(const TransportConfig& config, MonoTime now) {
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.initial_ts = timestamp_of(now);
  settings.cc_algo = NGTCP2_CC_ALGO_CUBIC;
  settings.handshake_timeout = nanos(config.handshake_timeout);
  const std::uint16_t upper_bound = config.mtu_upper_bound != 0 ? config.mtu_upper_bound : kProbeSizes.back();
  settings.max_tx_udp_payload_size = std::max(config.initial_mtu, upper_bound);
  settings.no_tx_udp_payload_size_shaping = 0;
  settings.ack_thresh = kAckThreshold;
  // Windows grow by our own account of them, not by ngtcp2's.
  settings.max_window = 0;
  settings.max_stream_window = 0;
  // ngtcp2 begins at the smallest QUIC packet and probes upwards. An operator who knows the path begins, and
  // stays, at what it carries.
  if (config.initial_mtu > NGTCP2_MAX_UDP_PAYLOAD_SIZE) {
    settings.max_tx_udp_payload_size = std::min(config.initial_mtu, kLargestDatagram);
    settings.no_tx_udp_payload_size_shaping = 1;
    settings.pmtud_probes = kNoProbes.data();
    settings.pmtud_probeslen = kNoProbes.size();
    return settings;
  }
  const auto end = std::upper_bound(kProbeSizes.begin(), kProbeSizes.end(), upper_bound);
  const bool none = end == kProbeSizes.begin();
  settings.pmtud_probes = none ? kNoProbes.data() : kProbeSizes.data();
  settings.pmtud_probeslen = none ? kNoProbes.size() : static_cast<std::size_t>(end - kProbeSizes.begin());
  return settings;
}

ngtcp2_transport_params parameters_for(const TransportConfig& config) {
  ngtcp2_transport_params parameters;
  ngtcp2_transport_params_default(&parameters);
  parameters.initial_max_stream_data_bidi_local = first_stream_window(config);
  parameters.initial_max_stream_data_bidi_remote = first_stream_window(config);
  parameters.initial_max_stream_data_uni = first_stream_window(config);
  parameters.initial_max_data = first_connection_window(config);
  parameters.initial_max_streams_bidi = std::min(config.first_bidi_streams, config.max_bidi_streams);
  parameters.initial_max_streams_uni = std::min(config.first_uni_streams, config.max_uni_streams);
  parameters.max_idle_timeout = nanos(config.idle_timeout);
  parameters.max_ack_delay = nanos(config.max_ack_delay);
  parameters.active_connection_id_limit = 4;
  parameters.grease_quic_bit = 1;
  return parameters;
}

std::size_t Connection::Quic::packet_room(MonoTime now) {
  const std::size_t proven = std::min(ngtcp2_conn_get_path_max_tx_udp_payload_size(conn), path_size.limit());
  if (path_size.limit() != SIZE_MAX) return proven;
  if (written_bytes < kDiscoverAfterBytes) return proven;
  if (probed_size > proven && now < next_probe) return proven;
  if (packet_ceiling == 0)
    packet_ceiling =
        config.mtu_upper_bound != 0 ? config.mtu_upper_bound : io::largest_payload_towards(remote());
  const std::size_t most = ngtcp2_conn_get_max_tx_udp_payload_size(conn);
  return std::max(proven, std::min(packet_ceiling, most));
}

void Connection::Quic::note_probe(std::size_t size, MonoTime now) {
  probe_pause = size == probed_size ? probe_pause * kProbePauseGrowth : kFirstProbePause;
  probed_size = size;
  next_probe = now + probe_pause;
}

void Connection::Quic::check_path_size(MonoTime now) {
  path_size.check(now, ngtcp2_conn_get_path_max_tx_udp_payload_size(conn));
}

io::Address Connection::Quic::remote() const {
  const ngtcp2_addr& to = ngtcp2_conn_get_path(conn)->remote;
  return {to.addr, to.addrlen};
}

void Connection::Quic::finish_setup() {
  ack_patience = AckPatience(config.max_ack_delay);
  ref.user_data = conn;
  ref.get_conn = [](ngtcp2_crypto_conn_ref* r) { return static_cast<ngtcp2_conn*>(r->user_data); };
  tls->set_user_pointer(&ref);
  ngtcp2_conn_set_tls_native_handle(conn, tls->native());
  take_traffic_secrets(*tls);
  ngtcp2_conn_set_keep_alive_timeout(conn,
                                     config.keep_alive.count() == 0 ? UINT64_MAX : nanos(config.keep_alive));
}

void Connection::Quic::note_agreed() {
  Duration silence = config.idle_timeout;
  if (const ngtcp2_transport_params* peers = ngtcp2_conn_get_remote_transport_params(conn);
      peers != nullptr && peers->max_idle_timeout != 0)
    silence = std::min(
        silence,
        Duration(static_cast<std::int64_t>(std::min<std::uint64_t>(peers->max_idle_timeout, INT64_MAX))));
  if (config.keep_alive.count() != 0 && config.keep_alive < silence) longest_silence = silence;
}

void Connection::Quic::drop_tls() {
  ngtcp2_conn_set_tls_native_handle(conn, nullptr);
  tls.reset();
}

}  // namespace felix::transport
