#include "crypto/packet_cipher.h"

#include <algorithm>

#include <gnutls/crypto.h>

#include "base/contract.h"
#include "crypto/ipsec_mb.h"
#include "crypto/random.h"

namespace felix::crypto {
namespace {

std::uint8_t* octets(std::byte* at) { return reinterpret_cast<std::uint8_t*>(at); }
const std::uint8_t* octets(const std::byte* at) { return reinterpret_cast<const std::uint8_t*>(at); }

const AesFunctions* checked(AeadCipher cipher) {
  const AesFunctions* aes = aes_functions(cipher);
  return aes != nullptr && agrees_with_tls_library(*aes) ? aes : nullptr;
}

const AesFunctions* trusted(AeadCipher cipher) {
  static const AesFunctions* const aes128 = checked(AeadCipher::aes_128_gcm);
  static const AesFunctions* const aes256 = checked(AeadCipher::aes_256_gcm);
  switch (cipher) {
    case AeadCipher::aes_128_gcm:
      return aes128;
    case AeadCipher::aes_256_gcm:
      return aes256;
    case AeadCipher::chacha20_poly1305:
      return nullptr;
  }
  FELIX_UNREACHABLE("cipher");
}

}  // namespace

std::string_view packet_cipher_library() {
  return trusted(AeadCipher::aes_128_gcm) != nullptr ? "ipsec-mb" : "gnutls";
}

std::unique_ptr<PacketCipher> PacketCipher::create(AeadCipher cipher, Bytes key) {
  const AesFunctions* aes = trusted(cipher);
  if (aes == nullptr) return nullptr;
  return std::unique_ptr<PacketCipher>(new PacketCipher(*aes, key));
}

PacketCipher::PacketCipher(const AesFunctions& aes, Bytes key) : aes_(aes) {
  FELIX_ASSERT(key.size() == aes.key_bytes);
  std::ranges::copy(key, key_.begin());
}

PacketCipher::~PacketCipher() {
  gnutls_memset(key_.data(), 0, key_.size());
  if (expanded_) gnutls_memset(&expanded_->gcm, 0, sizeof expanded_->gcm);
}

const ExpandedKey& PacketCipher::expanded() {
  if (!expanded_) {
    expanded_ = std::make_unique<ExpandedKey>();
    aes_.expand(key_.data(), &expanded_->gcm);
    aes_.hash_key(&expanded_->gcm);
  }
  return *expanded_;
}

void PacketCipher::seal(std::byte* out, Bytes plain, Bytes nonce, Bytes header) {
  FELIX_ASSERT(nonce.size() == kNonceBytes);
  gcm_context_data scratch;
  aes_.seal(&expanded().gcm, &scratch, octets(out), octets(plain.data()), plain.size(), octets(nonce.data()),
            octets(header.data()), header.size(), octets(out) + plain.size(), kTagBytes);
}

bool PacketCipher::open(std::byte* out, Bytes sealed, Bytes nonce, Bytes header) {
  FELIX_ASSERT(nonce.size() == kNonceBytes);
  if (sealed.size() < kTagBytes) return false;
  const Bytes ciphertext = sealed.first(sealed.size() - kTagBytes);
  std::array<std::byte, kTagBytes> expected;
  gcm_context_data scratch;
  aes_.open(&expanded().gcm, &scratch, octets(out), octets(ciphertext.data()), ciphertext.size(),
            octets(nonce.data()), octets(header.data()), header.size(), octets(expected.data()), kTagBytes);
  if (equal_constant_time(expected, sealed.last(kTagBytes))) return true;
  gnutls_memset(out, 0, ciphertext.size());
  return false;
}

std::unique_ptr<HeaderCipher> HeaderCipher::create(AeadCipher cipher, Bytes key) {
  const AesFunctions* aes = trusted(cipher);
  if (aes == nullptr) return nullptr;
  return std::unique_ptr<HeaderCipher>(new HeaderCipher(*aes, key));
}

HeaderCipher::HeaderCipher(const AesFunctions& aes, Bytes key) : aes_(aes) {
  FELIX_ASSERT(key.size() == aes.key_bytes);
  aes_.expand(key.data(), rounds_.data());
}

HeaderCipher::~HeaderCipher() { gnutls_memset(rounds_.data(), 0, rounds_.size()); }

HeaderCipher::Mask HeaderCipher::mask(Bytes sample) const {
  FELIX_ASSERT(sample.size() == kSampleBytes);
  Mask mask;
  aes_.block(sample.data(), rounds_.data(), mask.data(), mask.size());
  return mask;
}

}  // namespace felix::crypto
