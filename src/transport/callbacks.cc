// ngtcp2's callbacks. Each records what arrived and returns; what follows from it happens when the Endpoint
// delivers the events.

#include "crypto/random.h"
#include "transport/connection_quic.h"
#include "transport/endpoint_state.h"
#include "transport/packet_protection.h"

namespace felix::transport {
namespace {

constexpr std::uint8_t kUnexpectedMessage = 10;  // TLS alert

}  // namespace

struct Callbacks {
  static Connection& connection_of(void* user_data) { return *static_cast<Connection*>(user_data); }
  static Channel* channel_of(void* stream_user_data) { return static_cast<Channel*>(stream_user_data); }

  static void rand(std::uint8_t* dest, std::size_t size, const ngtcp2_rand_ctx*) {
    crypto::random_bytes(MutableBytes(reinterpret_cast<std::byte*>(dest), size));
  }

  static int new_connection_id(ngtcp2_conn*, ngtcp2_cid* cid, std::uint8_t* token, std::size_t,
                               void* user_data) {
    Connection& connection = connection_of(user_data);
    Endpoint::State& endpoint = *connection.endpoint_.state_;
    const ConnectionId id = endpoint.new_id();
    *cid = to_ngtcp2(id);
    if (ngtcp2_crypto_generate_stateless_reset_token(
            token, reinterpret_cast<const std::uint8_t*>(endpoint.secrets.stateless_reset.data()),
            endpoint.secrets.stateless_reset.size(), cid) != 0)
      return NGTCP2_ERR_CALLBACK_FAILURE;
    endpoint.add_route(id, connection);
    return 0;
  }

  static int remove_connection_id(ngtcp2_conn*, const ngtcp2_cid* cid, void* user_data) {
    Connection& connection = connection_of(user_data);
    connection.endpoint_.state_->remove_route(from_ngtcp2(*cid), connection);
    return 0;
  }

  // After the handshake a client's TLS has nothing to say: no certificate is asked for later, and QUIC
  // forbids KeyUpdate (RFC 9001, section 6). The session is gone by then, or about to go.
  static int recv_crypto_data_of_client(ngtcp2_conn* conn, ngtcp2_encryption_level level,
                                        std::uint64_t offset, const std::uint8_t* data, std::size_t size,
                                        void* user_data) {
    if (!connection_of(user_data).ready_)
      return ngtcp2_crypto_recv_crypto_data_cb(conn, level, offset, data, size, user_data);
    ngtcp2_conn_set_tls_alert(conn, kUnexpectedMessage);
    return NGTCP2_ERR_CRYPTO;
  }

  static int handshake_completed(ngtcp2_conn*, void* user_data) {
    Connection& connection = connection_of(user_data);
    connection.ready_ = connection.ready_event_ = true;
    connection.quic_->note_agreed();
    connection.endpoint_.state_->note_handshake_over(connection);
    connection.mark_dirty();  // the peer waits for the last of the handshake
    connection.note_event();
    return 0;
  }

  static int stream_open(ngtcp2_conn*, std::int64_t id, void* user_data) {
    Connection& connection = connection_of(user_data);
    Channel& channel = connection.add_channel(id);
    connection.quic_->streams.note_opened(connection.quic_->conn, id);
    if (connection.events_.on_channel) connection.events_.on_channel(channel);
    return 0;
  }

  static int recv_stream_data(ngtcp2_conn*, std::uint32_t flags, std::int64_t, std::uint64_t,
                              const std::uint8_t* data, std::size_t size, void* user_data,
                              void* stream_user_data) {
    Connection& connection = connection_of(user_data);
    Channel* channel = channel_of(stream_user_data);
    connection.quic_->data_received = true;
    connection.quic_->window.note_received(size);
    if (channel == nullptr || channel->reading_stopped_) {
      connection.give_back(size);
      return 0;
    }
    channel->unconsumed_bytes_ += size;
    if (size > 0 && channel->events_.on_bytes)
      channel->events_.on_bytes(Bytes(reinterpret_cast<const std::byte*>(data), size));
    if ((flags & NGTCP2_STREAM_DATA_FLAG_FIN) != 0) channel->peer_finished_ = true;
    channel->readable_event_ = true;
    connection.note_event(*channel);
    return 0;
  }

  static int acked_stream_data(ngtcp2_conn*, std::int64_t id, std::uint64_t offset, std::uint64_t size,
                               void* user_data, void* stream_user_data) {
    connection_of(user_data).quic_->path_size.note_acknowledged(id, offset + size);
    Channel* channel = channel_of(stream_user_data);
    if (channel == nullptr || size == 0 || channel->queued_bytes_ == 0) return 0;
    channel->note_acknowledged(size);
    channel->writable_event_ = true;
    connection_of(user_data).note_event(*channel);
    return 0;
  }

  static int stream_close(ngtcp2_conn* conn, std::uint32_t, std::int64_t id, std::uint64_t, void* user_data,
                          void* stream_user_data) {
    Connection& connection = connection_of(user_data);
    if (!ngtcp2_conn_is_local_stream(conn, id)) connection.quic_->streams.note_closed(conn, id);
    Channel* channel = channel_of(stream_user_data);
    if (channel == nullptr) return 0;
    channel->drop_queue();
    channel->closed_ = true;
    connection.note_event(*channel);
    return 0;
  }

  static int stream_reset(ngtcp2_conn*, std::int64_t, std::uint64_t, std::uint64_t code, void* user_data,
                          void* stream_user_data) {
    Channel* channel = channel_of(stream_user_data);
    if (channel == nullptr) return 0;
    channel->peer_reset_ = true;
    channel->peer_reset_code_ = code;
    channel->readable_event_ = true;
    connection_of(user_data).note_event(*channel);
    return 0;
  }

  static int recv_stateless_reset(ngtcp2_conn*, const ngtcp2_pkt_stateless_reset*, void* user_data) {
    connection_of(user_data).quic_->was_reset = true;
    return 0;
  }

  static int extend_max_stream_data(ngtcp2_conn*, std::int64_t, std::uint64_t, void* user_data,
                                    void* stream_user_data) {
    Channel* channel = channel_of(stream_user_data);
    if (channel == nullptr) return 0;
    channel->blocked_ = false;
    channel->become_sendable();
    channel->writable_event_ = true;
    connection_of(user_data).note_event(*channel);
    return 0;
  }

  // Another path may carry more or less, and lead through another interface.
  static int path_validated(ngtcp2_conn*, std::uint32_t, const ngtcp2_path*, const ngtcp2_path*,
                            ngtcp2_path_validation_result result, void* user_data) {
    if (result != NGTCP2_PATH_VALIDATION_RESULT_SUCCESS) return 0;
    Connection& connection = connection_of(user_data);
    connection.quic_->packet_ceiling = connection.quic_->probed_size = 0;
    connection.quic_->path_size.doubt(connection.mtu());
    return 0;
  }

  static int extend_max_local_streams(ngtcp2_conn*, std::uint64_t, void* user_data) {
    Connection& connection = connection_of(user_data);
    connection.credit_event_ = true;
    connection.note_event();
    return 0;
  }

  static ngtcp2_callbacks common() {
    ngtcp2_callbacks table{};
    table.handshake_completed = handshake_completed;
    set_packet_protection(table);
    table.recv_stream_data = recv_stream_data;
    table.acked_stream_data_offset = acked_stream_data;
    table.stream_open = stream_open;
    table.stream_close = stream_close;
    table.stream_reset = stream_reset;
    table.recv_stateless_reset = recv_stateless_reset;
    table.path_validation = path_validated;
    table.extend_max_stream_data = extend_max_stream_data;
    table.extend_max_local_streams_bidi = extend_max_local_streams;
    table.extend_max_local_streams_uni = extend_max_local_streams;
    table.rand = rand;
    table.get_new_connection_id = new_connection_id;
    table.remove_connection_id = remove_connection_id;
    table.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
    table.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
    return table;
  }
};

const ngtcp2_callbacks& server_callbacks() {
  static const ngtcp2_callbacks table = [] {
    ngtcp2_callbacks callbacks = Callbacks::common();
    callbacks.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
    callbacks.recv_crypto_data = Callbacks::recv_crypto_data_of_client;
    return callbacks;
  }();
  return table;
}

const ngtcp2_callbacks& client_callbacks() {
  static const ngtcp2_callbacks table = [] {
    ngtcp2_callbacks callbacks = Callbacks::common();
    callbacks.client_initial = ngtcp2_crypto_client_initial_cb;
    callbacks.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
    callbacks.recv_retry = ngtcp2_crypto_recv_retry_cb;
    return callbacks;
  }();
  return table;
}

}  // namespace felix::transport
