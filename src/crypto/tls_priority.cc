#include "crypto/tls_priority.h"

#if defined(__aarch64__)
#include <sys/auxv.h>

#include <asm/hwcap.h>
#endif

namespace felix::crypto {
namespace {

bool cpu_has_aes() {
#if defined(__x86_64__) || defined(__i386__)
  return __builtin_cpu_supports("aes");
#elif defined(__aarch64__)
  return (::getauxval(AT_HWCAP) & HWCAP_AES) != 0;
#else
  return false;
#endif
}

}  // namespace

Result<OwnedPriority> make_priority() {
  // No compatibility mode: QUIC forbids the session id and the change-cipher-spec it would send.
  std::string text = "NORMAL:-VERS-ALL:+VERS-TLS1.3:-CIPHER-ALL";
  text += cpu_has_aes() ? ":+AES-128-GCM:+AES-256-GCM:+CHACHA20-POLY1305"
                        : ":+CHACHA20-POLY1305:+AES-128-GCM:+AES-256-GCM";
  text += ":-GROUP-ALL:+GROUP-X25519:+GROUP-SECP256R1:+GROUP-SECP384R1";
  text += ":%SERVER_PRECEDENCE:%DISABLE_TLS13_COMPAT_MODE";
  gnutls_priority_t priority = nullptr;
  const int result = gnutls_priority_init(&priority, text.c_str(), nullptr);
  if (result < 0) return gnutls_failure(Errc::internal, "TLS preferences " + text, result);
  return OwnedPriority(priority);
}

}  // namespace felix::crypto
