#include "crypto/ipsec_mb.h"

namespace felix::crypto {

#if defined(__x86_64__)

// The library's documented way to these functions is a table of everything it can do, which would double the
// size of the felix command. Its archives of Debian 12 and 13 (1.3 and 2.0) have them by these names; since
// no header promises that, what they compute is compared with the TLS library before it is used.
extern "C" {
AesFunctions::Gcm aes_gcm_enc_128_vaes_avx512, aes_gcm_dec_128_vaes_avx512;
AesFunctions::Gcm aes_gcm_enc_256_vaes_avx512, aes_gcm_dec_256_vaes_avx512;
void aes_ecb_enc_128_vaes_avx512(const void* in, const void* rounds, void* out, std::uint64_t size);
void aes_ecb_enc_256_vaes_avx512(const void* in, const void* rounds, void* out, std::uint64_t size);
void aes_gcm_precomp_128_vaes_avx512(gcm_key_data* key);
void aes_gcm_precomp_256_vaes_avx512(gcm_key_data* key);
}

namespace {

bool cpu_can() {
  return __builtin_cpu_supports("aes") && __builtin_cpu_supports("vaes") &&
         __builtin_cpu_supports("vpclmulqdq") && __builtin_cpu_supports("avx512f") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
         __builtin_cpu_supports("avx512vl");
}

constexpr AesFunctions kAes128{AeadCipher::aes_128_gcm,     16,
                               aes_keyexp_128_enc_avx512,   aes_gcm_precomp_128_vaes_avx512,
                               aes_gcm_enc_128_vaes_avx512, aes_gcm_dec_128_vaes_avx512,
                               aes_ecb_enc_128_vaes_avx512};
constexpr AesFunctions kAes256{AeadCipher::aes_256_gcm,     32,
                               aes_keyexp_256_enc_avx512,   aes_gcm_precomp_256_vaes_avx512,
                               aes_gcm_enc_256_vaes_avx512, aes_gcm_dec_256_vaes_avx512,
                               aes_ecb_enc_256_vaes_avx512};

}  // namespace

const AesFunctions* aes_functions(AeadCipher cipher) {
  static const bool able = cpu_can();
  if (!able) return nullptr;
  for (const AesFunctions* each : {&kAes128, &kAes256})
    if (each->cipher == cipher) return each;
  return nullptr;
}

#else

const AesFunctions* aes_functions(AeadCipher) { return nullptr; }

#endif

}  // namespace felix::crypto
