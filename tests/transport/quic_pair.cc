#include "transport/quic_pair.h"

#include <arpa/inet.h>
#include <chrono>
#include <tuple>

#include <catch2/catch_test_macros.hpp>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include "crypto/pki.h"
#include "crypto/random.h"
#include "crypto/tls_context.h"
#include "transport/packet_protection.h"

namespace felix::test {
namespace {

QuicPeer& peer_of(void* user_data) { return *static_cast<QuicPeer*>(user_data); }

void rand(std::uint8_t* out, std::size_t size, const ngtcp2_rand_ctx*) {
  crypto::random_bytes({reinterpret_cast<std::byte*>(out), size});
}

int new_connection_id(ngtcp2_conn*, ngtcp2_cid* cid, std::uint8_t* token, std::size_t size, void*) {
  cid->datalen = size;
  rand(cid->data, size, nullptr);
  rand(token, NGTCP2_STATELESS_RESET_TOKENLEN, nullptr);
  return 0;
}

int receive(ngtcp2_conn*, std::uint32_t, std::int64_t, std::uint64_t, const std::uint8_t* data,
            std::size_t size, void* user_data, void*) {
  peer_of(user_data).received.append(reinterpret_cast<const char*>(data), size);
  return 0;
}

const ngtcp2_callbacks& product() {
  static const ngtcp2_callbacks table = [] {
    ngtcp2_callbacks filled{};
    transport::set_packet_protection(filled);
    return filled;
  }();
  return table;
}

// The product's, counted.
int update_key(ngtcp2_conn* conn, std::uint8_t* rx_secret, std::uint8_t* tx_secret,
               ngtcp2_crypto_aead_ctx* rx_ctx, std::uint8_t* rx_iv, ngtcp2_crypto_aead_ctx* tx_ctx,
               std::uint8_t* tx_iv, const std::uint8_t* current_rx_secret,
               const std::uint8_t* current_tx_secret, std::size_t size, void* user_data) {
  ++peer_of(user_data).key_updates;
  return product().update_key(conn, rx_secret, tx_secret, rx_ctx, rx_iv, tx_ctx, tx_iv, current_rx_secret,
                              current_tx_secret, size, user_data);
}

SealedPackets counted;

int encrypt(std::uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* ctx,
            const std::uint8_t* plain, std::size_t plain_size, const std::uint8_t* nonce,
            std::size_t nonce_size, const std::uint8_t* header, std::size_t header_size) {
  const bool established = (header[0] & 0x80) == 0;
  const bool marked = (reinterpret_cast<std::uintptr_t>(ctx->native_handle) & 1) != 0;
  if (established) ++(marked ? counted.by_packet_cipher : counted.by_tls_helper);
  REQUIRE((established || !marked));
  return product().encrypt(out, aead, ctx, plain, plain_size, nonce, nonce_size, header, header_size);
}

ngtcp2_callbacks callbacks() {
  ngtcp2_callbacks table = product();
  table.encrypt = encrypt;
  table.update_key = update_key;
  table.client_initial = ngtcp2_crypto_client_initial_cb;
  table.recv_client_initial = ngtcp2_crypto_recv_client_initial_cb;
  table.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
  table.recv_retry = ngtcp2_crypto_recv_retry_cb;
  table.rand = rand;
  table.get_new_connection_id = new_connection_id;
  table.recv_stream_data = receive;
  table.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
  table.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
  return table;
}

ngtcp2_callbacks foreign_callbacks() {
  ngtcp2_callbacks table = callbacks();
  table.encrypt = ngtcp2_crypto_encrypt_cb;
  table.decrypt = ngtcp2_crypto_decrypt_cb;
  table.hp_mask = ngtcp2_crypto_hp_mask_cb;
  table.update_key = [](auto... arguments) {
    ++peer_of(std::get<sizeof...(arguments) - 1>(std::tuple(arguments...))).key_updates;
    return ngtcp2_crypto_update_key_cb(arguments...);
  };
  table.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
  table.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
  return table;
}

ngtcp2_path_storage any_path() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(5000);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ngtcp2_path_storage path;
  const auto* raw = reinterpret_cast<const ngtcp2_sockaddr*>(&address);
  ngtcp2_path_storage_init(&path, raw, sizeof address, raw, sizeof address, nullptr);
  return path;
}

ngtcp2_cid random_id() {
  ngtcp2_cid cid;
  cid.datalen = NGTCP2_MIN_INITIAL_DCIDLEN;
  rand(cid.data, cid.datalen, nullptr);
  return cid;
}

struct Sessions {
  Sessions() {
    const WallTime at = std::chrono::system_clock::now();
    const auto validity = crypto::validity_from(at, std::chrono::hours(1));
    const auto ca = crypto::generate_ca("test authority", validity).value();
    crypto::TlsServerOptions server_options;
    server_options.identity = crypto::issue_server_certificate(ca, {{"localhost"}, {}}, validity).value();
    server = crypto::TlsServerContext::create(server_options, at).value();
    crypto::TlsClientOptions client_options;
    client_options.ca = ca.certificate_chain;
    client_options.server_name = "localhost";
    client = crypto::TlsClientContext::create(client_options, at).value();
  }
  std::shared_ptr<const crypto::TlsServerContext> server;
  std::shared_ptr<const crypto::TlsClientContext> client;
};
const Sessions& sessions() {
  static const Sessions made;
  return made;
}

void offer_only(const std::string& cipher, const crypto::TlsSession& session) {
  const std::string preferences =
      "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL:+" + cipher + ":%DISABLE_TLS13_COMPAT_MODE";
  REQUIRE(gnutls_priority_set_direct(session.native(), preferences.c_str(), nullptr) == 0);
}

}  // namespace

const SealedPackets& sealed_packets() { return counted; }

QuicPeer::~QuicPeer() { ngtcp2_conn_del(conn); }

QuicPair::QuicPair(const std::string& cipher, Client kind)
    : client(sessions().client->make_session(std::chrono::system_clock::now()).value()),
      server(sessions().server->make_session().value()) {
  counted = {};
  REQUIRE(ngtcp2_crypto_gnutls_configure_client_session(client.tls.native()) == 0);
  REQUIRE(ngtcp2_crypto_gnutls_configure_server_session(server.tls.native()) == 0);
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.initial_ts = now;
  ngtcp2_transport_params parameters;
  ngtcp2_transport_params_default(&parameters);
  parameters.initial_max_data = parameters.initial_max_stream_data_uni = 1 << 30;
  parameters.initial_max_streams_uni = 1;

  const ngtcp2_callbacks table = callbacks();
  const ngtcp2_callbacks client_table = kind == Client::ours ? table : foreign_callbacks();
  const ngtcp2_path_storage path = any_path();
  const ngtcp2_cid client_id = random_id(), first_id = random_id(), server_id = random_id();
  REQUIRE(ngtcp2_conn_client_new(&client.conn, &first_id, &client_id, &path.path, NGTCP2_PROTO_VER_V1,
                                 &client_table, &settings, &parameters, nullptr, &client) == 0);
  parameters.original_dcid = first_id;
  parameters.original_dcid_present = 1;
  REQUIRE(ngtcp2_conn_server_new(&server.conn, &client_id, &server_id, &path.path, NGTCP2_PROTO_VER_V1,
                                 &table, &settings, &parameters, nullptr, &server) == 0);
  for (QuicPeer* peer : {&client, &server}) {
    offer_only(cipher, peer->tls);
    peer->ref.user_data = peer->conn;
    peer->ref.get_conn = [](ngtcp2_crypto_conn_ref* ref) {
      return static_cast<ngtcp2_conn*>(ref->user_data);
    };
    peer->tls.set_user_pointer(&peer->ref);
    ngtcp2_conn_set_tls_native_handle(peer->conn, peer->tls.native());
  }
  transport::take_traffic_secrets(server.tls);
  if (kind == Client::ours) transport::take_traffic_secrets(client.tls);
}

void QuicPair::send(QuicPeer& from, const std::string& text) {
  Text& out = text_of(from);
  if (out.stream < 0) REQUIRE(ngtcp2_conn_open_uni_stream(from.conn, &out.stream, nullptr) == 0);
  out.unsent += text;
}

Datagram QuicPair::next_datagram(QuicPeer& from) {
  Text& out = text_of(from);
  Datagram datagram(NGTCP2_MAX_UDP_PAYLOAD_SIZE);
  ngtcp2_vec data{reinterpret_cast<std::uint8_t*>(out.unsent.data()), out.unsent.size()};
  ngtcp2_ssize taken = 0;
  const ngtcp2_ssize size = ngtcp2_conn_writev_stream(
      from.conn, nullptr, nullptr, datagram.data(), datagram.size(), &taken, NGTCP2_WRITE_STREAM_FLAG_NONE,
      out.unsent.empty() ? -1 : out.stream, &data, out.unsent.empty() ? 0 : 1, now);
  REQUIRE(size >= 0);
  if (taken > 0) out.unsent.erase(0, static_cast<std::size_t>(taken));
  datagram.resize(static_cast<std::size_t>(size));
  return datagram;
}

int QuicPair::deliver(QuicPeer& to, const Datagram& datagram) {
  const ngtcp2_path_storage path = any_path();
  return ngtcp2_conn_read_pkt(to.conn, &path.path, nullptr, datagram.data(), datagram.size(), now);
}

void QuicPair::settle(ngtcp2_duration pause) {
  for (bool silent = false; !silent;) {
    silent = true;
    for (QuicPeer* from : {&client, &server}) {
      QuicPeer& to = from == &client ? server : client;
      for (Datagram datagram; !(datagram = next_datagram(*from)).empty();) {
        silent = false;
        REQUIRE(deliver(to, datagram) == 0);
      }
    }
    now += 30 * NGTCP2_MILLISECONDS;  // beyond every delay of an acknowledgement
  }
  now += pause;
  for (QuicPeer* peer : {&client, &server}) {
    if (ngtcp2_conn_get_expiry(peer->conn) <= now) REQUIRE(ngtcp2_conn_handle_expiry(peer->conn, now) == 0);
  }
}

}  // namespace felix::test
