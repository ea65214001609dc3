#include "hostile/hostile_client.h"

#include <algorithm>

#include <catch2/catch_test_macros.hpp>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include "hostile/plain_callbacks.h"

namespace felix::test {
namespace {

constexpr std::size_t kIdBytes = 16;

}  // namespace

// Of packets with short headers, as ngtcp2 was seen to use them.
struct HostileClient::Keys {
  PacketKeys sending;
  PacketKeys receiving;
  std::uint32_t last_number = 0;
  bool sends = false;
  bool receives = false;
  // What the callbacks, which know nobody, are told.
  ngtcp2_crypto_cipher last_hp{};
  ngtcp2_crypto_cipher_ctx last_hp_ctx{};
  bool mask_of_sent_follows = false;

  static thread_local Keys* current;

  static bool is_short(const std::uint8_t* header) { return (header[0] & 0x80) == 0; }
  static std::uint32_t number_of(const std::uint8_t* header, std::size_t size) {
    std::uint32_t number = 0;
    for (std::size_t i = size - ((header[0] & 3u) + 1); i < size; ++i) number = number << 8 | header[i];
    return number;
  }
  static void note(PacketKeys& keys, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* ctx,
                   const std::uint8_t* nonce, std::size_t nonce_size, std::uint32_t number) {
    keys.aead = *aead;
    keys.aead_ctx = *ctx;
    keys.iv.assign(nonce, nonce + nonce_size);
    for (std::size_t i = 0; i < 4; ++i)
      keys.iv[nonce_size - 1 - i] ^= static_cast<std::uint8_t>(number >> (8 * i));
  }

  static int encrypt(std::uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* ctx,
                     const std::uint8_t* plain, std::size_t plain_size, const std::uint8_t* nonce,
                     std::size_t nonce_size, const std::uint8_t* header, std::size_t header_size) {
    if (is_short(header)) {
      current->last_number = number_of(header, header_size);
      note(current->sending, aead, ctx, nonce, nonce_size, current->last_number);
      current->mask_of_sent_follows = true;
    }
    return ngtcp2_crypto_encrypt_cb(out, aead, ctx, plain, plain_size, nonce, nonce_size, header,
                                    header_size);
  }
  static int decrypt(std::uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* ctx,
                     const std::uint8_t* sealed, std::size_t sealed_size, const std::uint8_t* nonce,
                     std::size_t nonce_size, const std::uint8_t* header, std::size_t header_size) {
    if (is_short(header)) {
      note(current->receiving, aead, ctx, nonce, nonce_size, number_of(header, header_size));
      current->receiving.hp = current->last_hp;
      current->receiving.hp_ctx = current->last_hp_ctx;
      current->receives = true;
    }
    return ngtcp2_crypto_decrypt_cb(out, aead, ctx, sealed, sealed_size, nonce, nonce_size, header,
                                    header_size);
  }
  static int mask(std::uint8_t* out, const ngtcp2_crypto_cipher* hp, const ngtcp2_crypto_cipher_ctx* ctx,
                  const std::uint8_t* sample) {
    current->last_hp = *hp;
    current->last_hp_ctx = *ctx;
    if (std::exchange(current->mask_of_sent_follows, false)) {
      current->sending.hp = *hp;
      current->sending.hp_ctx = *ctx;
      current->sends = true;
    }
    return ngtcp2_crypto_hp_mask_cb(out, hp, ctx, sample);
  }
};
thread_local HostileClient::Keys* HostileClient::Keys::current = nullptr;

HostileClient::HostileClient(io::Loop& loop, const io::Address& server, crypto::TlsSession tls,
                             const io::Address& local)
    : loop_(loop), server_(server), tls_(std::move(tls)), keys_(std::make_unique<Keys>()) {
  socket_ = io::UdpSocket::bind(local, {}).value();
  REQUIRE(ngtcp2_crypto_gnutls_configure_client_session(tls_.native()) == 0);
  ngtcp2_settings settings;
  ngtcp2_settings_default(&settings);
  settings.initial_ts = timestamp(loop);
  settings.ack_thresh = 1;
  ngtcp2_transport_params parameters;
  ngtcp2_transport_params_default(&parameters);
  parameters.initial_max_data = parameters.initial_max_stream_data_bidi_local =
      parameters.initial_max_stream_data_uni = std::uint64_t{1} << 30;
  parameters.initial_max_streams_uni = 16;
  const ngtcp2_cid to = random_connection_id(), from = random_connection_id();
  ngtcp2_path_storage path;
  ngtcp2_path_storage_init(&path, socket_->local().raw(), socket_->local().length(), server_.raw(),
                           server_.length(), nullptr);
  ngtcp2_callbacks table = plain_client_callbacks();
  table.encrypt = Keys::encrypt;
  table.decrypt = Keys::decrypt;
  table.hp_mask = Keys::mask;
  table.handshake_confirmed = [](ngtcp2_conn*, void* self) {
    static_cast<HostileClient*>(self)->confirmed_ = true;
    return 0;
  };
  REQUIRE(ngtcp2_conn_client_new(&conn_, &to, &from, &path.path, NGTCP2_PROTO_VER_V1, &table, &settings,
                                 &parameters, nullptr, this) == 0);
  ref_.user_data = conn_;
  ref_.get_conn = [](ngtcp2_crypto_conn_ref* ref) { return static_cast<ngtcp2_conn*>(ref->user_data); };
  tls_.set_user_pointer(&ref_);
  ngtcp2_conn_set_tls_native_handle(conn_, tls_.native());
  listen();
  write();
}

void HostileClient::listen() {
  watch_ = std::make_unique<io::Watch>(loop_, socket_->fd(), io::Watch::readable,
                                       [this](std::uint32_t) { receive(); });
}

void HostileClient::move() {
  io::Address elsewhere = socket_->local();
  elsewhere.set_port(0);
  watch_.reset();
  socket_ = io::UdpSocket::bind(elsewhere, {}).value();
  listen();
}

HostileClient::~HostileClient() { ngtcp2_conn_del(conn_); }

void HostileClient::receive() {
  Keys::current = keys_.get();
  socket_->receive(256, [this](const io::Datagram& datagram) {
    received_bytes_ += datagram.bytes.size();
    if (ready_) return read_raw(datagram.bytes);
    ngtcp2_path_storage path;
    ngtcp2_path_storage_init(&path, socket_->local().raw(), socket_->local().length(), server_.raw(),
                             server_.length(), nullptr);
    const int outcome = ngtcp2_conn_read_pkt(conn_, &path.path, nullptr,
                                             reinterpret_cast<const std::uint8_t*>(datagram.bytes.data()),
                                             datagram.bytes.size(), timestamp(loop_));
    if (outcome == NGTCP2_ERR_DRAINING) {
      const ngtcp2_ccerr& told = *ngtcp2_conn_get_ccerr(conn_);
      heard_.close = frames::Close{told.error_code, told.type == NGTCP2_CCERR_TYPE_APPLICATION};
    }
  });
  if (!ready_) write();
}

void HostileClient::write() {
  Keys::current = keys_.get();
  send_packets(conn_, *socket_, server_, loop_);
  if (!confirmed_ || !keys_->sends || !keys_->receives) return;
  ready_ = true;
  const ngtcp2_cid& to = *ngtcp2_conn_get_dcid(conn_);
  header_ = "\x43" + std::string(reinterpret_cast<const char*>(to.data), to.datalen);
  packet_number_ = keys_->last_number + 1;
}

std::uint64_t HostileClient::uni_streams() const {
  return std::max(ngtcp2_conn_get_streams_uni_left(conn_), heard_.max_uni_streams);
}

std::string HostileClient::seal(std::string_view frames) {
  std::string payload(frames);
  if (payload.size() < 4) payload.resize(4);  // a packet must have so much to be protected
  return seal_packet(keys_->sending, header_, packet_number_++, payload);
}

bool HostileClient::send(std::string_view frames) {
  const std::string packet = seal(frames);
  std::size_t sent = 0;
  return socket_->send(server_, 0, as_bytes(packet), packet.size(), sent) == io::UdpSocket::Sent::all;
}

void HostileClient::read_raw(Bytes datagram) {
  if ((std::to_integer<unsigned>(datagram.front()) & 0x80) != 0) return;
  const auto packet = open_packet(keys_->receiving, datagram, 1 + kIdBytes, largest_heard_ + 1);
  if (!packet) return;
  largest_heard_ = std::max(largest_heard_, packet->number);
  ++heard_packets_;
  CHECK(frames::read(as_bytes(packet->payload), heard_));
}

}  // namespace felix::test
