#include "hostile/plain_callbacks.h"

#include <array>

#include <ngtcp2/ngtcp2_crypto.h>

#include "crypto/random.h"

namespace felix::test {
namespace {

void fill_randomly(std::uint8_t* out, std::size_t size, const ngtcp2_rand_ctx*) {
  crypto::random_bytes(MutableBytes(reinterpret_cast<std::byte*>(out), size));
}

int new_id(ngtcp2_conn*, ngtcp2_cid* id, std::uint8_t* token, std::size_t size, void*) {
  id->datalen = size;
  fill_randomly(id->data, size, nullptr);
  fill_randomly(token, NGTCP2_STATELESS_RESET_TOKENLEN, nullptr);
  return 0;
}

}  // namespace

ngtcp2_callbacks plain_client_callbacks() {
  ngtcp2_callbacks table{};
  table.client_initial = ngtcp2_crypto_client_initial_cb;
  table.recv_crypto_data = ngtcp2_crypto_recv_crypto_data_cb;
  table.recv_retry = ngtcp2_crypto_recv_retry_cb;
  table.encrypt = ngtcp2_crypto_encrypt_cb;
  table.decrypt = ngtcp2_crypto_decrypt_cb;
  table.hp_mask = ngtcp2_crypto_hp_mask_cb;
  table.rand = fill_randomly;
  table.get_new_connection_id = new_id;
  table.update_key = ngtcp2_crypto_update_key_cb;
  table.delete_crypto_aead_ctx = ngtcp2_crypto_delete_crypto_aead_ctx_cb;
  table.delete_crypto_cipher_ctx = ngtcp2_crypto_delete_crypto_cipher_ctx_cb;
  table.get_path_challenge_data = ngtcp2_crypto_get_path_challenge_data_cb;
  table.version_negotiation = ngtcp2_crypto_version_negotiation_cb;
  return table;
}

ngtcp2_cid random_connection_id() {
  ngtcp2_cid id{};
  id.datalen = 16;
  fill_randomly(id.data, id.datalen, nullptr);
  return id;
}

ngtcp2_tstamp timestamp(io::Loop& loop) { return nanos_since_epoch(loop.clock().now()); }

void send_packets(ngtcp2_conn* conn, io::UdpSocket& socket, const io::Address& to, io::Loop& loop) {
  for (;;) {
    std::array<std::byte, 1452> packet;
    const ngtcp2_ssize written =
        ngtcp2_conn_write_pkt(conn, nullptr, nullptr, reinterpret_cast<std::uint8_t*>(packet.data()),
                              packet.size(), timestamp(loop));
    if (written <= 0) return;
    std::size_t sent = 0;
    const auto size = static_cast<std::size_t>(written);
    socket.send(to, 0, Bytes(packet).first(size), size, sent);
  }
}

}  // namespace felix::test
