#include <algorithm>
#include <array>

#include <gnutls/crypto.h>

#include "crypto/gnutls_handles.h"
#include "crypto/ipsec_mb.h"

namespace felix::crypto {
namespace {

constexpr std::size_t kTagBytes = PacketCipher::kTagBytes;
constexpr std::size_t kBlockBytes = 16;

template <std::size_t kSize>
constexpr std::array<std::uint8_t, kSize> pattern() {
  std::array<std::uint8_t, kSize> bytes{};
  for (std::size_t i = 0; i < kSize; ++i) bytes[i] = static_cast<std::uint8_t>(i * i + kSize);
  return bytes;
}

// The shape of a full packet: more than the 48 blocks the functions take at once, and a rest.
constexpr auto kPlain = pattern<1201>();
constexpr auto kHeader = pattern<20>();
constexpr auto kNonce = pattern<PacketCipher::kNonceBytes>();
constexpr auto kKey = pattern<32>();
using Sealed = std::array<std::uint8_t, kPlain.size() + kTagBytes>;
using Block = std::array<std::uint8_t, kBlockBytes>;

gnutls_datum_t key_of(const AesFunctions& aes) {
  return as_datum(std::as_bytes(std::span(kKey)).first(aes.key_bytes));
}

Sealed sealed_by_tls_library(const AesFunctions& aes) {
  const gnutls_datum_t key = key_of(aes);
  const auto algorithm =
      aes.cipher == AeadCipher::aes_128_gcm ? GNUTLS_CIPHER_AES_128_GCM : GNUTLS_CIPHER_AES_256_GCM;
  const auto cipher = make_handle<Owned<gnutls_aead_cipher_hd_t, gnutls_aead_cipher_deinit>>(
      [&](auto* out) { return gnutls_aead_cipher_init(out, algorithm, &key); });
  Sealed sealed;
  std::size_t size = sealed.size();
  const int result =
      gnutls_aead_cipher_encrypt(cipher.get(), kNonce.data(), kNonce.size(), kHeader.data(), kHeader.size(),
                                 kTagBytes, kPlain.data(), kPlain.size(), sealed.data(), &size);
  FELIX_ASSERT(result == 0 && size == sealed.size());
  return sealed;
}

// It offers no bare block, so one block of CBC after zeros.
Block block_by_tls_library(const AesFunctions& aes) {
  const gnutls_datum_t key = key_of(aes);
  Block zeros{}, block;
  const gnutls_datum_t iv{zeros.data(), zeros.size()};
  const auto algorithm =
      aes.cipher == AeadCipher::aes_128_gcm ? GNUTLS_CIPHER_AES_128_CBC : GNUTLS_CIPHER_AES_256_CBC;
  const auto cipher = make_handle<Owned<gnutls_cipher_hd_t, gnutls_cipher_deinit>>(
      [&](auto* out) { return gnutls_cipher_init(out, algorithm, &key, &iv); });
  const int result =
      gnutls_cipher_encrypt2(cipher.get(), kPlain.data(), kBlockBytes, block.data(), block.size());
  FELIX_ASSERT(result == 0);
  return block;
}

}  // namespace

bool agrees_with_tls_library(const AesFunctions& aes) {
  ExpandedKey key{};
  aes.expand(kKey.data(), &key.gcm);
  aes.hash_key(&key.gcm);
  gcm_context_data scratch;

  Sealed sealed;
  aes.seal(&key.gcm, &scratch, sealed.data(), kPlain.data(), kPlain.size(), kNonce.data(), kHeader.data(),
           kHeader.size(), sealed.data() + kPlain.size(), kTagBytes);
  if (sealed != sealed_by_tls_library(aes)) return false;

  auto opened = pattern<kPlain.size()>();
  opened.fill(0);
  Block tag;
  aes.open(&key.gcm, &scratch, opened.data(), sealed.data(), opened.size(), kNonce.data(), kHeader.data(),
           kHeader.size(), tag.data(), kTagBytes);
  if (opened != kPlain || !std::ranges::equal(tag, std::span(sealed).last<kTagBytes>())) return false;

  Block block;
  aes.block(kPlain.data(), &key.gcm, block.data(), block.size());
  return block == block_by_tls_library(aes);
}

}  // namespace felix::crypto
