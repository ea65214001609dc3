#include "crypto/aead_probe.h"

#include <array>
#include <cstring>
#include <string>

#include <gnutls/crypto.h>

#include "base/contract.h"
#include "crypto/gnutls_handles.h"

namespace felix::crypto {
namespace {

constexpr std::size_t kTagBytes = 16;
constexpr std::size_t kNonceBytes = 12;
constexpr std::size_t kHeaderBytes = 20;  // a short QUIC header: what the tag covers besides the payload

gnutls_cipher_algorithm_t library_cipher(AeadCipher cipher) {
  switch (cipher) {
    case AeadCipher::aes_128_gcm:
      return GNUTLS_CIPHER_AES_128_GCM;
    case AeadCipher::aes_256_gcm:
      return GNUTLS_CIPHER_AES_256_GCM;
    case AeadCipher::chacha20_poly1305:
      return GNUTLS_CIPHER_CHACHA20_POLY1305;
  }
  FELIX_UNREACHABLE("cipher");
}

}  // namespace

struct AeadProbe::Key {
  std::unique_ptr<PacketCipher> cipher;      // this one, if there is one
  gnutls_aead_cipher_hd_t handle = nullptr;  // otherwise the TLS library's
  ~Key() {
    if (handle != nullptr) gnutls_aead_cipher_deinit(handle);
  }
};

AeadProbe::AeadProbe() : key_(std::make_unique<Key>()) {}
AeadProbe::~AeadProbe() = default;

Result<std::unique_ptr<AeadProbe>> AeadProbe::create(AeadCipher cipher, std::size_t packet_bytes) {
  FELIX_ASSERT(packet_bytes > kTagBytes);
  std::unique_ptr<AeadProbe> probe(new AeadProbe);
  const gnutls_cipher_algorithm_t algorithm = library_cipher(cipher);
  const std::string key_bytes(gnutls_cipher_get_key_size(algorithm), 'k');
  const gnutls_datum_t key = as_datum(std::string_view(key_bytes));
  probe->key_->cipher = PacketCipher::create(cipher, as_bytes(key_bytes));
  if (const int code = gnutls_aead_cipher_init(&probe->key_->handle, algorithm, &key); code != 0) {
    return fail(Errc::unsupported, std::string("AEAD cipher: ") + gnutls_strerror(code));
  }
  probe->plain_.resize(packet_bytes - kTagBytes, 0x5a);
  probe->sealed_.resize(packet_bytes);
  return probe;
}

Status AeadProbe::seal(std::uint64_t packets) {
  const std::array<unsigned char, kHeaderBytes> header{};
  std::array<unsigned char, kNonceBytes> nonce{};
  for (std::uint64_t at = 0; at < packets; ++at) {
    ++sequence_;
    std::memcpy(nonce.data(), &sequence_, sizeof sequence_);
    if (key_->cipher) {
      key_->cipher->seal(std::as_writable_bytes(std::span(sealed_)).data(), std::as_bytes(std::span(plain_)),
                         std::as_bytes(std::span(nonce)), std::as_bytes(std::span(header)));
      continue;
    }
    std::size_t sealed_bytes = sealed_.size();
    const int code =
        gnutls_aead_cipher_encrypt(key_->handle, nonce.data(), nonce.size(), header.data(), header.size(),
                                   kTagBytes, plain_.data(), plain_.size(), sealed_.data(), &sealed_bytes);
    if (code != 0) return fail(Errc::internal, std::string("AEAD seal: ") + gnutls_strerror(code));
  }
  return {};
}

Status AeadProbe::open(std::uint64_t packets) {
  FELIX_CHECK(seal(1));
  const std::array<unsigned char, kHeaderBytes> header{};
  std::array<unsigned char, kNonceBytes> nonce{};
  std::memcpy(nonce.data(), &sequence_, sizeof sequence_);
  opened_.resize(plain_.size());
  for (std::uint64_t at = 0; at < packets; ++at) {
    if (key_->cipher) {
      if (!key_->cipher->open(std::as_writable_bytes(std::span(opened_)).data(),
                              std::as_bytes(std::span(sealed_)), std::as_bytes(std::span(nonce)),
                              std::as_bytes(std::span(header))))
        return fail(Errc::internal, "AEAD open: not what was sealed");
      continue;
    }
    std::size_t opened_bytes = opened_.size();
    const int code =
        gnutls_aead_cipher_decrypt(key_->handle, nonce.data(), nonce.size(), header.data(), header.size(),
                                   kTagBytes, sealed_.data(), sealed_.size(), opened_.data(), &opened_bytes);
    if (code != 0) return fail(Errc::internal, std::string("AEAD open: ") + gnutls_strerror(code));
  }
  return {};
}

}  // namespace felix::crypto
