#pragma once
// Seals and opens packets that go nowhere, with the calls that QUIC packet protection makes for this cipher
// on this machine: what one packet's encryption costs. For measuring only; the key is fixed and public.

#include <cstdint>
#include <memory>
#include <vector>

#include "base/error.h"
#include "crypto/packet_cipher.h"

namespace felix::crypto {

class AeadProbe {
 public:
  // For packets of `packet_bytes`, authentication tag included (at least 17). unsupported when the library
  // lacks the cipher.
  static Result<std::unique_ptr<AeadProbe>> create(AeadCipher cipher, std::size_t packet_bytes);
  ~AeadProbe();
  AeadProbe(const AeadProbe&) = delete;
  AeadProbe& operator=(const AeadProbe&) = delete;

  // Seals `packets` packets one after the other, each under its own nonce. Allocates nothing.
  Status seal(std::uint64_t packets);
  // Opens one and the same packet so many times. Allocates nothing but the first time.
  Status open(std::uint64_t packets);

 private:
  struct Key;
  AeadProbe();
  std::unique_ptr<Key> key_;
  std::uint64_t sequence_ = 0;
  std::vector<unsigned char> plain_;
  std::vector<unsigned char> sealed_;
  std::vector<unsigned char> opened_;
};

}  // namespace felix::crypto
