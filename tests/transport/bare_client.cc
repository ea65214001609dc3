#include "transport/bare_client.h"

#include <utility>

#include <catch2/catch_test_macros.hpp>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include "hostile/plain_callbacks.h"

namespace felix::test {
BareClient::BareClient(io::Loop& loop, const io::Address& server, crypto::TlsSession tls)
    : loop_(loop), server_(server), tls_(std::move(tls)) {
  socket_ = io::UdpSocket::bind(io::Address::parse("127.0.0.1:0").value(), {}).value();
  REQUIRE(ngtcp2_crypto_gnutls_configure_client_session(tls_.native()) == 0);
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.initial_ts = timestamp(loop);
  ngtcp2_transport_params parameters;
  ngtcp2_transport_params_default(&parameters);
  const ngtcp2_cid to = random_connection_id();
  const ngtcp2_cid from = random_connection_id();
  ngtcp2_path_storage path;
  ngtcp2_path_storage_init(&path, socket_->local().raw(), socket_->local().length(), server_.raw(),
                           server_.length(), nullptr);
  const ngtcp2_callbacks table = plain_client_callbacks();
  REQUIRE(ngtcp2_conn_client_new(&conn_, &to, &from, &path.path, NGTCP2_PROTO_VER_V1, &table, &settings,
                                 &parameters, nullptr, this) == 0);
  ref_.user_data = conn_;
  ref_.get_conn = [](ngtcp2_crypto_conn_ref* ref) { return static_cast<ngtcp2_conn*>(ref->user_data); };
  tls_.set_user_pointer(&ref_);
  ngtcp2_conn_set_tls_native_handle(conn_, tls_.native());
  watch_ = std::make_unique<io::Watch>(loop, socket_->fd(), io::Watch::readable,
                                       [this](std::uint32_t) { receive(); });
  write();
}

BareClient::~BareClient() { ngtcp2_conn_del(conn_); }

void BareClient::send_tls(Bytes message) {
  REQUIRE(ngtcp2_conn_submit_crypto_data(conn_, NGTCP2_ENCRYPTION_LEVEL_1RTT,
                                         reinterpret_cast<const std::uint8_t*>(message.data()),
                                         message.size()) == 0);
  write();
}

void BareClient::receive() {
  socket_->receive(64, [this](const io::Datagram& datagram) {
    if (closed_with_) return;
    ngtcp2_path_storage path;
    ngtcp2_path_storage_init(&path, socket_->local().raw(), socket_->local().length(), server_.raw(),
                             server_.length(), nullptr);
    const int outcome = ngtcp2_conn_read_pkt(conn_, &path.path, nullptr,
                                             reinterpret_cast<const std::uint8_t*>(datagram.bytes.data()),
                                             datagram.bytes.size(), timestamp(loop_));
    if (outcome == NGTCP2_ERR_DRAINING) closed_with_ = ngtcp2_conn_get_ccerr(conn_)->error_code;
  });
  if (closed_with_) return;
  const bool completed = ngtcp2_conn_get_handshake_completed(conn_) != 0;
  if (!std::exchange(ready_, completed) && completed && !last_words_.empty()) return send_tls(last_words_);
  write();
}

void BareClient::write() { send_packets(conn_, *socket_, server_, loop_); }

}  // namespace felix::test
