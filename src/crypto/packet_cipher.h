#pragma once
// Protection of QUIC packets (RFC 9001 section 5) with the AES-GCM of intel-ipsec-mb, which works on 64 bytes
// at a time where the CPU has VAES and AVX-512: about a third of the TLS library's time for a full packet.
// Other CPUs, and ChaCha20-Poly1305, have no cipher here and stay with the TLS library. Every object belongs
// to one thread and wipes its key when it ends.

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/bytes.h"

namespace felix::crypto {

enum class AeadCipher : std::uint8_t { aes_128_gcm, aes_256_gcm, chacha20_poly1305 };

// Who protects packets with AES-GCM on this machine, for people: "ipsec-mb" or "gnutls".
std::string_view packet_cipher_library();

struct AesFunctions;
struct ExpandedKey;

// Seals and opens packets under one key, with nonces of 12 bytes and tags of 16.
class PacketCipher {
 public:
  static constexpr std::size_t kNonceBytes = 12;
  static constexpr std::size_t kTagBytes = 16;

  // Null when the TLS library has to do it. `key` has the cipher's size, 16 or 32 bytes, and is copied.
  static std::unique_ptr<PacketCipher> create(AeadCipher cipher, Bytes key);
  ~PacketCipher();
  PacketCipher(const PacketCipher&) = delete;
  PacketCipher& operator=(const PacketCipher&) = delete;

  // Writes the ciphertext of `plain` and then its tag, which covers `header` too: plain.size() + kTagBytes in
  // all. `out` is plain.data() or overlaps nothing.
  void seal(std::byte* out, Bytes plain, Bytes nonce, Bytes header);
  // Writes the plaintext of `sealed`, without its tag, and says true; or finds that packet or header are not
  // what was sealed under this key and nonce, leaves zeros and says false. `out` is sealed.data() or overlaps
  // nothing.
  bool open(std::byte* out, Bytes sealed, Bytes nonce, Bytes header);

 private:
  PacketCipher(const AesFunctions& aes, Bytes key);
  const ExpandedKey& expanded();

  const AesFunctions& aes_;
  std::array<std::byte, 32> key_{};
  // Made for the first packet: a connection always holds the keys of its next key update, and hardly ever
  // uses them.
  std::unique_ptr<ExpandedKey> expanded_;
};

// Masks packet headers (RFC 9001 section 5.4.3) under one key.
class HeaderCipher {
 public:
  static constexpr std::size_t kSampleBytes = 16;
  using Mask = std::array<std::byte, kSampleBytes>;

  // As PacketCipher::create, and null for the same ciphers.
  static std::unique_ptr<HeaderCipher> create(AeadCipher cipher, Bytes key);
  ~HeaderCipher();
  HeaderCipher(const HeaderCipher&) = delete;
  HeaderCipher& operator=(const HeaderCipher&) = delete;

  // Of which QUIC uses the first five bytes. `sample` has kSampleBytes.
  Mask mask(Bytes sample) const;

 private:
  HeaderCipher(const AesFunctions& aes, Bytes key);

  const AesFunctions& aes_;
  alignas(16) std::array<std::byte, 240> rounds_;
};

}  // namespace felix::crypto
