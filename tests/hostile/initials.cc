#include "hostile/initials.h"

#include <array>

#include <catch2/catch_test_macros.hpp>
#include <gnutls/crypto.h>
#include <ngtcp2/ngtcp2_crypto_gnutls.h>

#include "hostile/frames.h"
#include "hostile/plain_callbacks.h"
#include "io/address.h"

namespace felix::test {
namespace {

// RFC 9001 section 5.2.
constexpr std::array<std::uint8_t, 20> kSalt{0x38, 0x76, 0x2c, 0xf7, 0xf5, 0x59, 0x34, 0xb3, 0x4d, 0x17,
                                             0x9a, 0xe6, 0xa4, 0xc8, 0x0c, 0xad, 0xcc, 0xbb, 0x7f, 0x0a};

std::string expand(const ngtcp2_crypto_md& md, std::string_view secret, std::string_view label,
                   std::size_t size) {
  std::string info;
  info.push_back(0);
  info.push_back(static_cast<char>(size));
  info.push_back(static_cast<char>(6 + label.size()));
  info.append("tls13 ").append(label);
  info.push_back(0);
  std::string out(size, '\0');
  REQUIRE(ngtcp2_crypto_hkdf_expand(reinterpret_cast<std::uint8_t*>(out.data()), size, &md,
                                    reinterpret_cast<const std::uint8_t*>(secret.data()), secret.size(),
                                    reinterpret_cast<const std::uint8_t*>(info.data()), info.size()) == 0);
  return out;
}

std::string as_string(const ngtcp2_cid& id) { return {reinterpret_cast<const char*>(id.data), id.datalen}; }

// Keys a client's Initial packets to `destination` are sealed with; released with the object.
class InitialKeys {
 public:
  InitialKeys(const ngtcp2_crypto_ctx& crypto, const std::string& destination) {
    std::string common(32, '\0');
    REQUIRE(ngtcp2_crypto_hkdf_extract(reinterpret_cast<std::uint8_t*>(common.data()), &crypto.md,
                                       reinterpret_cast<const std::uint8_t*>(destination.data()),
                                       destination.size(), kSalt.data(), kSalt.size()) == 0);
    const std::string secret = expand(crypto.md, common, "client in", 32);
    const std::string key = expand(crypto.md, secret, "quic key", 16);
    const std::string iv = expand(crypto.md, secret, "quic iv", 12);
    std::string hp = expand(crypto.md, secret, "quic hp", 16);
    keys_.aead = crypto.aead;
    keys_.hp = crypto.hp;
    keys_.iv.assign(iv.begin(), iv.end());
    REQUIRE(ngtcp2_crypto_aead_ctx_encrypt_init(&keys_.aead_ctx, &keys_.aead,
                                                reinterpret_cast<const std::uint8_t*>(key.data()),
                                                iv.size()) == 0);
    // As ngtcp2's helper makes it, which does not do it for others.
    gnutls_datum_t hp_key{reinterpret_cast<unsigned char*>(hp.data()), 16};
    REQUIRE(gnutls_cipher_init(&header_cipher_, GNUTLS_CIPHER_AES_128_CBC, &hp_key, nullptr) == 0);
    keys_.hp_ctx.native_handle = header_cipher_;
  }
  ~InitialKeys() {
    ngtcp2_crypto_aead_ctx_free(&keys_.aead_ctx);
    gnutls_cipher_deinit(header_cipher_);
  }
  InitialKeys(const InitialKeys&) = delete;
  InitialKeys& operator=(const InitialKeys&) = delete;
  const PacketKeys& keys() const { return keys_; }

 private:
  PacketKeys keys_;
  gnutls_cipher_hd_t header_cipher_ = nullptr;
};

}  // namespace

// A connection that writes one packet, which is read over its shoulder.
struct Initials::Donor {
  explicit Donor(crypto::TlsSession session) : tls(std::move(session)) {
    REQUIRE(ngtcp2_crypto_gnutls_configure_client_session(tls.native()) == 0);
    ngtcp2_settings settings;
    ngtcp2_settings_default(&settings);
    settings.initial_ts = 1;
    ngtcp2_transport_params parameters;
    ngtcp2_transport_params_default(&parameters);
    const io::Address anywhere = io::Address::parse("127.0.0.1:1").value();
    ngtcp2_path_storage path;
    ngtcp2_path_storage_init(&path, anywhere.raw(), anywhere.length(), anywhere.raw(), anywhere.length(),
                             nullptr);
    ngtcp2_callbacks table = plain_client_callbacks();
    table.encrypt = [](std::uint8_t* out, const ngtcp2_crypto_aead* aead, const ngtcp2_crypto_aead_ctx* ctx,
                       const std::uint8_t* plain, std::size_t plain_size, const std::uint8_t* nonce,
                       std::size_t nonce_size, const std::uint8_t* header, std::size_t header_size) {
      overheard.assign(reinterpret_cast<const char*>(plain), plain_size);
      return ngtcp2_crypto_encrypt_cb(out, aead, ctx, plain, plain_size, nonce, nonce_size, header,
                                      header_size);
    };
    const ngtcp2_cid to = random_connection_id();
    source = random_connection_id();
    REQUIRE(ngtcp2_conn_client_new(&conn, &to, &source, &path.path, NGTCP2_PROTO_VER_V1, &table, &settings,
                                   &parameters, nullptr, this) == 0);
    ref.user_data = conn;
    ref.get_conn = [](ngtcp2_crypto_conn_ref* r) { return static_cast<ngtcp2_conn*>(r->user_data); };
    tls.set_user_pointer(&ref);
    ngtcp2_conn_set_tls_native_handle(conn, tls.native());
    std::array<std::uint8_t, 1200> packet;
    REQUIRE(ngtcp2_conn_write_pkt(conn, nullptr, nullptr, packet.data(), packet.size(), 1) > 0);
    hello = overheard.substr(0, overheard.find_last_not_of('\0') + 1);
  }
  ~Donor() { ngtcp2_conn_del(conn); }

  static thread_local std::string overheard;
  crypto::TlsSession tls;
  ngtcp2_conn* conn = nullptr;
  ngtcp2_crypto_conn_ref ref{};
  ngtcp2_cid source{};
  std::string hello;  // its CRYPTO frame
};
thread_local std::string Initials::Donor::overheard;

Initials::Initials(crypto::TlsSession tls) : donor_(std::make_unique<Donor>(std::move(tls))) {}
Initials::~Initials() = default;

std::string Initials::next(std::string_view token) { return next_with(donor_->hello, 1200, token); }

std::string Initials::next_with(std::string_view payload, std::size_t datagram_bytes,
                                std::string_view token) {
  destination_ = as_string(random_connection_id());
  const InitialKeys keys(*ngtcp2_conn_get_initial_crypto_ctx(donor_->conn), destination_);
  const std::string source = as_string(donor_->source);
  std::string header("\xc3\0\0\0\1", 5);
  header.push_back(static_cast<char>(destination_.size()));
  header += destination_;
  header.push_back(static_cast<char>(source.size()));
  header += source;
  header += frames::varint(token.size());
  header += token;
  const std::size_t rest = datagram_bytes - header.size() - 2;  // a length in two bytes
  header.push_back(static_cast<char>(0x40 | rest >> 8));
  header.push_back(static_cast<char>(rest));
  std::string padded(payload);
  padded.resize(rest - 4 - kTagBytes);
  return seal_packet(keys.keys(), header, 0, padded);
}

}  // namespace felix::test
