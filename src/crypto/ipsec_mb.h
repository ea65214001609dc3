#pragma once
// What packet_cipher.cc needs of intel-ipsec-mb, for one key size. Included by the files of this module only.

#include <cstddef>
#include <cstdint>

#if defined(__x86_64__)
#define NO_COMPAT_IMB_API_053
#include <intel-ipsec-mb.h>
#else
// The library is for x86-64 only; elsewhere no function takes these.
struct gcm_key_data {};
struct gcm_context_data {};
#endif

#include "crypto/packet_cipher.h"

namespace felix::crypto {

// Round keys, and the powers of the hash key.
struct alignas(64) ExpandedKey {
  gcm_key_data gcm;
};

struct AesFunctions {
  // As the library's aes_gcm_enc_128_sse and its like.
  using Gcm = void(const gcm_key_data* key, gcm_context_data* scratch, std::uint8_t* out,
                   const std::uint8_t* in, std::uint64_t size, const std::uint8_t* nonce,
                   const std::uint8_t* header, std::uint64_t header_size, std::uint8_t* tag,
                   std::uint64_t tag_size);

  AeadCipher cipher;
  std::size_t key_bytes;
  void (*expand)(const void* key, void* rounds);  // writes at most 240 bytes
  void (*hash_key)(gcm_key_data* key);            // from the round keys, which are there
  Gcm* seal;
  Gcm* open;  // writes the tag it expects
  void (*block)(const void* in, const void* rounds, void* out, std::uint64_t size);
};

// Null when this CPU cannot, or the library does not do this cipher.
const AesFunctions* aes_functions(AeadCipher cipher);

// Whether they seal, open and mask a packet to the very bytes of the TLS library (ipsec_mb_check.cc).
bool agrees_with_tls_library(const AesFunctions& aes);

}  // namespace felix::crypto
