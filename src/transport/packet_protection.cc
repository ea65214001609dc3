#include "transport/packet_protection.h"

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include <ngtcp2/ngtcp2_crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include "crypto/packet_cipher.h"
#include "transport/frame_audit.h"

namespace felix::transport {
namespace {

using crypto::AeadCipher;
using crypto::HeaderCipher;
using crypto::PacketCipher;
constexpr std::size_t kTagBytes = 16;  // of every cipher QUIC uses

using Octets = std::span<const std::uint8_t>;

// ngtcp2 hands keys back as bare pointers, its helper's among them. Ours are told by their odd address, which
// no object of a library has.
void* marked(void* object) { return static_cast<std::byte*>(object) + 1; }
template <class T>
T* ours(void* handle) {
  if ((reinterpret_cast<std::uintptr_t>(handle) & 1) == 0) return nullptr;
  return reinterpret_cast<T*>(static_cast<std::byte*>(handle) - 1);
}

Bytes bytes(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}
std::byte* bytes(std::uint8_t* data) { return reinterpret_cast<std::byte*>(data); }

// A derived key or IV; wiped when it ends.
class Derived {
 public:
  explicit Derived(std::size_t size) : size_(size) {}
  ~Derived() { gnutls_memset(octets_.data(), 0, octets_.size()); }
  std::uint8_t* data() { return octets_.data(); }
  std::size_t size() const { return size_; }
  Bytes view() const { return bytes(octets_.data(), size_); }

 private:
  std::array<std::uint8_t, 64> octets_{};  // what ngtcp2's helper allows for any key
  std::size_t size_;
};

std::optional<AeadCipher> cipher_of(const ngtcp2_crypto_aead& aead) {
  switch (static_cast<gnutls_cipher_algorithm_t>(reinterpret_cast<std::intptr_t>(aead.native_handle))) {
    case GNUTLS_CIPHER_AES_128_GCM:
      return AeadCipher::aes_128_gcm;
    case GNUTLS_CIPHER_AES_256_GCM:
      return AeadCipher::aes_256_gcm;
    default:
      return std::nullopt;
  }
}

// HKDF-Expand-Label (RFC 8446 section 7.1) with an empty context.
bool expand_label(Derived& out, const ngtcp2_crypto_md& md, Octets secret, std::string_view label) {
  constexpr std::string_view kPrefix = "tls13 ";
  std::array<std::uint8_t, 32> info{};
  std::uint8_t* at = info.data();
  *at++ = 0;
  *at++ = static_cast<std::uint8_t>(out.size());
  *at++ = static_cast<std::uint8_t>(kPrefix.size() + label.size());
  for (const std::string_view part : {kPrefix, label}) {
    std::memcpy(at, part.data(), part.size());
    at += part.size();
  }
  *at++ = 0;
  return ngtcp2_crypto_hkdf_expand(out.data(), out.size(), &md, secret.data(), secret.size(), info.data(),
                                   static_cast<std::size_t>(at - info.data())) == 0;
}

// The helper's and ngtcp2's functions for one direction.
struct Direction {
  decltype(&ngtcp2_crypto_derive_and_install_rx_key) derive_and_install;
  decltype(&ngtcp2_conn_install_rx_key) install;
};
constexpr Direction kReceiving{ngtcp2_crypto_derive_and_install_rx_key, ngtcp2_conn_install_rx_key};
constexpr Direction kSending{ngtcp2_crypto_derive_and_install_tx_key, ngtcp2_conn_install_tx_key};

// Installs the keys of an established connection (RFC 9001 section 5.1). False when we cannot, and the helper
// shall.
bool install_ours(ngtcp2_conn* conn, const Direction& direction, Octets secret) {
  // Another version of QUIC has other labels.
  if (ngtcp2_conn_get_negotiated_version(conn) != NGTCP2_PROTO_VER_V1) return false;
  const ngtcp2_crypto_ctx& crypto = *ngtcp2_conn_get_crypto_ctx(conn);
  const auto cipher = cipher_of(crypto.aead);
  if (!cipher) return false;

  Derived key(ngtcp2_crypto_aead_keylen(&crypto.aead)), header_key(key.size());
  Derived iv(ngtcp2_crypto_packet_protection_ivlen(&crypto.aead));
  if (!expand_label(key, crypto.md, secret, "quic key") || !expand_label(iv, crypto.md, secret, "quic iv") ||
      !expand_label(header_key, crypto.md, secret, "quic hp"))
    return false;

  auto packets = PacketCipher::create(*cipher, key.view());
  auto headers = HeaderCipher::create(*cipher, header_key.view());
  if (!packets || !headers) return false;
  const ngtcp2_crypto_aead_ctx aead_ctx{marked(packets.get())};
  const ngtcp2_crypto_cipher_ctx header_ctx{marked(headers.get())};
  if (direction.install(conn, secret.data(), secret.size(), &aead_ctx, iv.data(), iv.size(), &header_ctx) !=
      0)
    return false;
  packets.release();
  headers.release();
  return true;
}

bool install(ngtcp2_conn* conn, const Direction& direction, ngtcp2_encryption_level level, Octets secret) {
  if (level == NGTCP2_ENCRYPTION_LEVEL_1RTT && install_ours(conn, direction, secret)) return true;
  return direction.derive_and_install(conn, nullptr, nullptr, nullptr, level, secret.data(), secret.size()) ==
         0;
}

int on_secrets(gnutls_session_t session, gnutls_record_encryption_level_t tls_level, const void* read_secret,
               const void* write_secret, std::size_t size) {
  auto* ref = static_cast<ngtcp2_crypto_conn_ref*>(gnutls_session_get_ptr(session));
  ngtcp2_conn* conn = ref->get_conn(ref);
  const auto level = ngtcp2_crypto_gnutls_from_gnutls_record_encryption_level(tls_level);
  const auto secret = [size](const void* data) {
    return Octets(static_cast<const std::uint8_t*>(data), size);
  };
  if (read_secret != nullptr && !install(conn, kReceiving, level, secret(read_secret))) return -1;
  if (write_secret != nullptr && !install(conn, kSending, level, secret(write_secret))) return -1;
  return 0;
}

int encrypt(std::uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* ctx,
            const std::uint8_t* plain, std::size_t plain_size, const std::uint8_t* nonce,
            std::size_t nonce_size, const std::uint8_t* header, std::size_t header_size) {
  auto* cipher = ours<PacketCipher>(ctx->native_handle);
  if (cipher == nullptr)
    return ngtcp2_crypto_encrypt_cb(out, aead, ctx, plain, plain_size, nonce, nonce_size, header,
                                    header_size);
  cipher->seal(bytes(out), bytes(plain, plain_size), bytes(nonce, nonce_size), bytes(header, header_size));
  return 0;
}

constinit thread_local FrameCharge* charged = nullptr;

int open(std::uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* ctx,
         const std::uint8_t* sealed, std::size_t sealed_size, const std::uint8_t* nonce,
         std::size_t nonce_size, const std::uint8_t* header, std::size_t header_size) {
  auto* cipher = ours<PacketCipher>(ctx->native_handle);
  if (cipher == nullptr)
    return ngtcp2_crypto_decrypt_cb(out, aead, ctx, sealed, sealed_size, nonce, nonce_size, header,
                                    header_size);
  return cipher->open(bytes(out), bytes(sealed, sealed_size), bytes(nonce, nonce_size),
                      bytes(header, header_size))
             ? 0
             : NGTCP2_ERR_DECRYPT;
}

int decrypt(std::uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* ctx,
            const std::uint8_t* sealed, std::size_t sealed_size, const std::uint8_t* nonce,
            std::size_t nonce_size, const std::uint8_t* header, std::size_t header_size) {
  const int outcome = open(out, aead, ctx, sealed, sealed_size, nonce, nonce_size, header, header_size);
  const bool established = (header[0] & 0x80) == 0;
  if (outcome == 0 && established && charged != nullptr) charged->add(bytes(out, sealed_size - kTagBytes));
  return outcome;
}

int hp_mask(std::uint8_t* out, const ngtcp2_crypto_cipher* hp, const ngtcp2_crypto_cipher_ctx* ctx,
            const std::uint8_t* sample) {
  const auto* cipher = ours<HeaderCipher>(ctx->native_handle);
  if (cipher == nullptr) return ngtcp2_crypto_hp_mask_cb(out, hp, ctx, sample);
  const auto mask = cipher->mask(bytes(sample, HeaderCipher::kSampleBytes));
  std::memcpy(out, mask.data(), NGTCP2_HP_MASKLEN);
  return 0;
}

void replace_by_ours(ngtcp2_crypto_aead_ctx& ctx, AeadCipher cipher, Bytes key) {
  auto packets = PacketCipher::create(cipher, key);
  if (!packets) return;
  ngtcp2_crypto_aead_ctx_free(&ctx);
  ctx.native_handle = marked(packets.release());
}

// A key update (RFC 9001 section 6): the helper derives secrets and keys, and where we protect packets we
// take the keys.
int update_key(ngtcp2_conn* conn, std::uint8_t* rx_secret, std::uint8_t* tx_secret,
               ngtcp2_crypto_aead_ctx* rx_ctx, std::uint8_t* rx_iv, ngtcp2_crypto_aead_ctx* tx_ctx,
               std::uint8_t* tx_iv, const std::uint8_t* current_rx_secret,
               const std::uint8_t* current_tx_secret, std::size_t secret_size, void*) {
  const ngtcp2_crypto_aead& aead = ngtcp2_conn_get_crypto_ctx(conn)->aead;
  Derived rx_key(ngtcp2_crypto_aead_keylen(&aead)), tx_key(rx_key.size());
  if (ngtcp2_crypto_update_key(conn, rx_secret, tx_secret, rx_ctx, rx_key.data(), rx_iv, tx_ctx,
                               tx_key.data(), tx_iv, current_rx_secret, current_tx_secret, secret_size) != 0)
    return NGTCP2_ERR_CALLBACK_FAILURE;
  if (const auto cipher = cipher_of(aead)) {
    replace_by_ours(*rx_ctx, *cipher, rx_key.view());
    replace_by_ours(*tx_ctx, *cipher, tx_key.view());
  }
  return 0;
}

void delete_aead_ctx(ngtcp2_conn* conn, ngtcp2_crypto_aead_ctx* ctx, void* user_data) {
  if (auto* cipher = ours<PacketCipher>(ctx->native_handle)) {
    delete cipher;
  } else {
    ngtcp2_crypto_delete_crypto_aead_ctx_cb(conn, ctx, user_data);
  }
}

void delete_cipher_ctx(ngtcp2_conn* conn, ngtcp2_crypto_cipher_ctx* ctx, void* user_data) {
  if (auto* cipher = ours<HeaderCipher>(ctx->native_handle)) {
    delete cipher;
  } else {
    ngtcp2_crypto_delete_crypto_cipher_ctx_cb(conn, ctx, user_data);
  }
}

}  // namespace

FrameCharge::FrameCharge() { charged = this; }
FrameCharge::~FrameCharge() { charged = nullptr; }
void FrameCharge::add(Bytes payload) { amount_ += charge_of_frames(payload); }

void take_traffic_secrets(const crypto::TlsSession& session) {
  gnutls_handshake_set_secret_function(session.native(), on_secrets);
}

void set_packet_protection(ngtcp2_callbacks& table) {
  table.encrypt = encrypt;
  table.decrypt = decrypt;
  table.hp_mask = hp_mask;
  table.update_key = update_key;
  table.delete_crypto_aead_ctx = delete_aead_ctx;
  table.delete_crypto_cipher_ctx = delete_cipher_ctx;
}

}  // namespace felix::transport
